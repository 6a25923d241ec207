import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Icon } from "../../components/icon.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { useNow } from "../../lib/clock.ts";
import { ago, duration } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { CopyLine } from "../account/copy-line.tsx";
import { Setting } from "../account/settings-frame.tsx";
import { instanceApi, type RunnerRow, runnersQuery } from "./instance-api.ts";

/** Machines that carry out runs for this Atrium, and letting another one in. */
export function RunnersSetting() {
  const runners = useQuery(runnersQuery);
  const invite = useMutation({
    mutationFn: instanceApi.inviteRunner,
    onError: (error) => toast("fail", sentence(error)),
  });
  const now = useNow();
  return (
    <Setting
      title="Runners"
      about="Other machines that carry out runs. The runner that this Atrium starts itself is not listed here."
    >
      {runners.isPending && <LogSkeleton />}
      {runners.isError && (
        <Note kind="fail" icon="warn" title="The machines could not be read">
          {sentence(runners.error)}
        </Note>
      )}
      {runners.data?.items.length === 0 && <p className="help">Every run is carried out on this machine.</p>}
      {runners.data && runners.data.items.length > 0 && (
        <ul className="rows" aria-label="Machines">
          {runners.data.items.map((runner) => (
            <Row key={runner.id} runner={runner} />
          ))}
        </ul>
      )}
      {invite.data && (
        <CopyLine
          label="Command for the machine"
          text={invite.data.command}
          help={`Run it in Atrium's folder on that machine. It is shown this once, lets one machine in, and ${lastsFor(invite.data.expiresAt, now)}.`}
        />
      )}
      <div className="btns">
        <Button icon="plus" busy={invite.isPending} onClick={() => invite.mutate()}>
          {invite.data ? "Let another machine join" : "Let a machine join"}
        </Button>
      </div>
    </Setting>
  );
}

function lastsFor(expiresAt: string, now: number): string {
  const left = Date.parse(expiresAt) - now;
  return left > 0 ? `works for ${duration(left)} more` : "has expired";
}

function since(at: string, now: number): string {
  const words = ago(at, now);
  return words === "now" ? "just now" : `${words} ago`;
}

function Row({ runner: { id, name, createdAt, lastSeenAt } }: { runner: RunnerRow }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const now = useNow();
  const revoke = useMutation({
    mutationFn: () => instanceApi.revokeRunner(id),
    onSuccess: () => {
      setAsked(false);
      return client.invalidateQueries(runnersQuery);
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  return (
    <li>
      <Icon name="server" className="dim" />
      <span className="who">
        <b>{name}</b>
        <span>
          {lastSeenAt === null ? `Joined ${since(createdAt, now)}, not seen yet` : `Last seen ${since(lastSeenAt, now)}`}
        </span>
      </span>
      <Button small aria-label={`Take the key of ${name} away`} onClick={() => setAsked(true)}>
        Take the key away
      </Button>
      <Dialog
        open={asked}
        onClose={() => setAsked(false)}
        title={`Take the key of ${name} away?`}
        description="The machine is let in no more. What it carries out now goes on at another runner. To use it again, let it join again."
      >
        <div className="btns dialog-foot">
          <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            Take the key away
          </Button>
          <Button kind="ghost" onClick={() => setAsked(false)}>
            Cancel
          </Button>
        </div>
      </Dialog>
    </li>
  );
}

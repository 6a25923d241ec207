import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Avatar } from "../../components/avatar.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Menu, type MenuEntry } from "../../components/menu.tsx";
import { toast } from "../../components/toast.tsx";
import { ago, plural } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { CopyLine } from "../account/copy-line.tsx";
import { instanceApi, type Person } from "./instance-api.ts";

type Change = { disabled?: boolean; instanceOwner?: boolean };
type Asked = "disable" | "reset";

/** A person, and what an owner of the installation may do about the account. */
export function PersonRow({ person, isMe }: { person: Person; isMe: boolean }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>();
  const change = useMutation({
    mutationFn: (json: Change) => instanceApi.change(person.id, json),
    onSuccess: () => {
      setAsked(undefined);
      return client.invalidateQueries({ queryKey: ["instance-people"] });
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  const off = person.disabledAt !== null;
  const entries: MenuEntry[] = [
    {
      kind: "action",
      id: "owner",
      icon: "shield",
      label: person.instanceOwner ? "Take the instance away" : "Make owner of the instance",
      hint: "people, logs, companies by name",
      onSelect: () => change.mutate({ instanceOwner: !person.instanceOwner }),
    },
    {
      kind: "action",
      id: "reset",
      icon: "lock",
      label: "Reset the password",
      disabledBecause: off ? "switched off" : undefined,
      onSelect: () => setAsked("reset"),
    },
    { kind: "line", id: "line" },
    off
      ? { kind: "action", id: "on", icon: "check", label: "Switch on again", onSelect: () => change.mutate({ disabled: false }) }
      : {
          kind: "action",
          id: "off",
          icon: "x",
          label: "Switch off",
          danger: true,
          disabledBecause: isMe ? "not yourself" : undefined,
          onSelect: () => setAsked("disable"),
        },
  ];
  return (
    <li className={off ? "off" : undefined}>
      <Avatar person={person} decorative />
      <span className="who">
        <b>
          {person.name}
          {isMe && " (you)"}
        </b>
        <span>{person.email}</span>
      </span>
      <span className="dim row-hint">{aboutOf(person)}</span>
      {person.instanceOwner && <span className="tag">Owner</span>}
      {off && <span className="tag">Switched off</span>}
      <Menu
        align="end"
        trigger={<IconButton icon="more" label={`What to do about ${person.name}`} busy={change.isPending} />}
        entries={entries}
      />
      <Dialog
        open={asked === "disable"}
        onClose={() => setAsked(undefined)}
        title={`Switch ${person.name} off?`}
        description="They are signed out everywhere within seconds, their API keys stop, and nobody gets in with this account until you switch it on again. What they made stays."
      >
        <div className="btns dialog-foot">
          <Button kind="danger" busy={change.isPending} onClick={() => change.mutate({ disabled: true })}>
            Switch off
          </Button>
          <Button kind="ghost" onClick={() => setAsked(undefined)}>
            Cancel
          </Button>
        </div>
      </Dialog>
      <Dialog
        open={asked === "reset"}
        onClose={() => setAsked(undefined)}
        title={`Reset the password of ${person.name}?`}
        description="The password is gone at once and they are signed out everywhere. You get a link to hand over, with which they set a new one."
      >
        <ResetForm person={person} onClose={() => setAsked(undefined)} />
      </Dialog>
    </li>
  );
}

function ResetForm({ person, onClose }: { person: Person; onClose: () => void }) {
  const reset = useMutation({
    mutationFn: () => instanceApi.resetPassword(person.id),
    onError: (error) => toast("fail", sentence(error)),
  });
  if (reset.data) {
    return (
      <CopyLine
        label="Reset link"
        text={reset.data.link}
        help={`It works once, for an hour, and is shown once. Whoever has it sets the password of ${person.name}.`}
      />
    );
  }
  return (
    <div className="btns dialog-foot">
      <Button kind="danger" busy={reset.isPending} onClick={() => reset.mutate()}>
        Reset the password
      </Button>
      <Button kind="ghost" onClick={onClose}>
        Cancel
      </Button>
    </div>
  );
}

function aboutOf({ companies, lastSeenAt, password, passkeys, linked }: Person): string {
  const seen = lastSeenAt === null ? "not signed in" : `seen ${ago(lastSeenAt, Date.now())} ago`;
  const ways = [password && "password", passkeys > 0 && plural(passkeys, "passkey", "passkeys"), ...linked].filter(Boolean);
  return [plural(companies, "company", "companies"), seen, ways.join(" + ")].filter(Boolean).join(", ");
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { useNow } from "../../lib/clock.ts";
import { ago, plural } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { deviceName } from "../account/device-name.ts";
import { pushState, turnOff, turnOn } from "./browser-push.ts";
import { notifyApi, type PushDevice, pushQuery } from "./notify-api.ts";

const STATE_KEY = ["push-state"];

/** The browsers that are pushed to, this one first. */
export function PushDevices() {
  const push = useQuery(pushQuery);
  const state = useQuery({ queryKey: STATE_KEY, queryFn: pushState });
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);

  const act = async (what: () => Promise<unknown>, said?: string): Promise<void> => {
    setBusy(true);
    try {
      await what();
      if (said) toast("done", said);
    } catch (error) {
      toast("fail", sentence(error));
    } finally {
      setBusy(false);
      await Promise.all([client.invalidateQueries(pushQuery), client.invalidateQueries({ queryKey: STATE_KEY })]);
    }
  };
  const test = (): Promise<void> =>
    act(async () => {
      const { sent, failed, gone } = await notifyApi.test();
      if (sent > 0) toast("done", `Sent to ${plural(sent, "browser", "browsers")}.`);
      if (failed > 0) toast("fail", `${plural(failed, "browser", "browsers")} could not be reached. Try again in a few minutes.`);
      if (gone > 0) toast("info", `${plural(gone, "browser", "browsers")} took the permission back and left the list.`);
    });

  const publicKey = push.data?.publicKey;
  const mine = state.data?.kind === "on" ? state.data.id : undefined;
  return (
    <section aria-labelledby="push">
      <div className="sec-head">
        <h2 id="push">Push to your devices</h2>
        {push.data && push.data.devices.length > 0 && (
          <Button kind="ghost" busy={busy} onClick={() => void test()}>
            Send a test
          </Button>
        )}
      </div>
      <p className="help">A push says who needs you and opens the card. What it is about stays in Atrium.</p>
      {state.data?.kind === "unsupported" && (
        <Note kind="idle" icon="bell" title="Not in this browser">
          {state.data.why}
        </Note>
      )}
      {state.data?.kind === "denied" && (
        <Note kind="idle" icon="bell" title="This browser was told not to show notifications">
          Allow them for this site in the browser's own settings, then load this page again.
        </Note>
      )}
      {state.data?.kind === "off" && publicKey && (
        <div className="btns notify-turn-on">
          <Button
            kind="primary"
            busy={busy}
            onClick={() => void act(() => turnOn(publicKey), "This browser will be pushed to when something needs you.")}
          >
            Push to this browser
          </Button>
        </div>
      )}
      {push.isPending && <LogSkeleton />}
      {push.isError && <p className="help bad">{sentence(push.error)}</p>}
      {push.data && push.data.devices.length > 0 && (
        <ul className="rows" aria-label="Browsers that are pushed to">
          {push.data.devices.map((device) => (
            <DeviceRow
              key={device.id}
              device={device}
              mine={device.id === mine}
              busy={busy}
              onRemove={() => void act(() => turnOff(device.id), "It is pushed to no more.")}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function DeviceRow({ device, mine, busy, onRemove }: { device: PushDevice; mine: boolean; busy: boolean; onRemove(): void }) {
  const now = useNow();
  const name = deviceName(device.device);
  return (
    <li>
      <Icon name="bell" className="dim" />
      <span className="who">
        <span>
          {name}
          {mine && <span className="dim"> · this browser</span>}
        </span>
        <span className="dim">
          {device.lastOkAt ? `Last reached ${ago(device.lastOkAt, now)}` : `Added ${ago(device.createdAt, now)}, not reached yet`}
        </span>
      </span>
      <Button kind="ghost" busy={busy} onClick={onRemove} aria-label={`Stop pushing to ${name}`}>
        Remove
      </Button>
    </li>
  );
}

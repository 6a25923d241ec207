import { useState, useSyncExternalStore } from "react";
import { describeCall } from "../../../party/protocol/agent-state.ts";
import type { LongText } from "../../../party/protocol/common.ts";
import { Icon, type IconName } from "../../components/icon.tsx";
import { took } from "../../lib/format.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { prettyJson, showHidden } from "../../lib/visible-text.ts";
import { useWholeText } from "../shell/whole-text.tsx";
import type { LiveText } from "./live-text.ts";
import { LongOutput } from "./long-output.tsx";
import type { CallRow } from "./rows.ts";

/** Tool calls that stand together, each a line that opens to its arguments and output. */
export function ToolsView({ calls, run, live }: { calls: readonly CallRow[]; run: string; live: LiveText }) {
  return (
    <div className="tools">
      {calls.map((call) => (
        <ToolView key={call.call} call={call} run={run} live={live} />
      ))}
    </div>
  );
}

function stateOf(call: CallRow): { icon: IconName; tone: string; word: string } {
  if (call.asked === "refused") return { icon: "x", tone: "dim", word: "refused" };
  if (call.asked === "open") {
    if (call.end) return { icon: "x", tone: "dim", word: "broken off" };
    return { icon: "st-wait", tone: "wait", word: "waits for consent" };
  }
  if (!call.end) return { icon: "st-live", tone: "live", word: "running" };
  if (call.end.effect === "unknown") return { icon: "st-wait", tone: "wait", word: "not known whether it ran" };
  return call.end.ok ? { icon: "check", tone: "done", word: "done" } : { icon: "x", tone: "fail", word: "failed" };
}

/** False for a call that nobody allowed: it took no time. */
function ran(call: CallRow): boolean {
  return call.asked === undefined || call.asked === "allowed";
}

function ToolView({ call, run, live }: { call: CallRow; run: string; live: LiveText }) {
  const [open, setOpen] = useState(false);
  const state = stateOf(call);
  const line = describeCall("", inlineOf(call.input)).trim();
  return (
    <details className="tool" data-s={state.word} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="right" className="chev" />
        <Icon name={state.icon} className={state.tone} />
        <code>
          <b>{call.name}</b> {showHidden(line)}
          <span className="vh">, {state.word}</span>
        </code>
        {call.files.map((file) => (
          <span key={file.path} className="contents">
            <span className="num add">+{file.added}</span>
            <span className="num del">&minus;{file.removed}</span>
          </span>
        ))}
        <span className="num">{call.end && ran(call) ? took(call.end.ms) : ""}</span>
      </summary>
      {open && (
        <div className="tool-body">
          <ToolInput input={call.input} run={run} />
          {call.end ? <LongOutput text={call.end.output} run={run} /> : <Progress live={live} call={call.call} />}
          {call.end?.effect === "unknown" && (
            <p className="help tool-note">
              The run lost its runner during this call. It was not repeated, because it may have had an effect.
            </p>
          )}
        </div>
      )}
    </details>
  );
}

/** The arguments as a whole, also those that are too long for an event. */
function ToolInput({ input, run }: { input: LongText; run: string }) {
  const whole = useWholeText(input, { kind: "run", id: run }, true);
  return (
    <pre className="tool-in" aria-busy={whole.state === "loading"}>
      {showHidden(prettyJson(whole.text))}
    </pre>
  );
}

/** What a running tool has printed so far. */
function Progress({ live, call }: { live: LiveText; call: string }) {
  const text = useSyncExternalStore(
    (changed) => live.subscribe(call, changed),
    () => live.read(call),
  );
  return (
    <div className="tool-out">
      <pre>
        {showHidden(text)}
        <span className="caret" />
      </pre>
    </div>
  );
}

import { useCallback, useEffect, useMemo, useRef } from "react";
import type { RunView } from "../../../party/protocol/agent.ts";
import { Button } from "../../components/button.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { onNextFrame } from "../../lib/room/frame-loop.ts";
import type { UsedRoom } from "../../lib/room/use-room.ts";
import { Past } from "../replay/past.ts";
import { Scrubber } from "../replay/scrubber.tsx";
import { type StepDeeds, Steps } from "../replay/step-links.tsx";
import { useReplay } from "../replay/use-replay.ts";
import { useCompany } from "../shell/company-context.tsx";
import { LiveText } from "./live-text.ts";
import { TranscriptList } from "./transcript-list.tsx";
import { useTranscript } from "./use-transcript.ts";

/** The transcript of a run with its states: loading, cut short, live. */
export function RunTranscript({
  room,
  agent,
  run,
  phone,
  step,
  onAgain,
}: {
  room: UsedRoom<"agent">;
  agent: string;
  run: RunView;
  phone: boolean;
  /** seq of the step that the address names */
  step: number | undefined;
  onAgain: (prompt: string) => void;
}) {
  const { company } = useCompany();
  const { store } = room;
  const { rows, load, transcript } = useTranscript(store, company.id, run.id);
  const reading = useCallback((seq: number | undefined) => store.present({ reading: seq }), [store]);
  const connected = room.status.kind === "live";
  useEffect(() => {
    // The records failed while the room was away; now that it is back they are worth another try.
    if (connected) transcript.retry();
  }, [connected, transcript]);
  const prompt = rows.find((row) => row.kind === "user" && row.via === "prompt");
  const text = prompt?.kind === "user" && typeof prompt.text === "string" ? prompt.text : undefined;
  const again = useCallback(() => {
    if (text !== undefined) onAgain(text);
  }, [text, onAgain]);
  const replay = useReplay(transcript.events, transcript.events.length);
  const { go, stops, rows: pastRows } = replay;
  const past = pastRows !== undefined;
  // Rows keep what they may do as it is: they must not draw again with every step.
  const latest = useRef({ stops, go });
  useEffect(() => {
    latest.current = { stops, go };
  });
  const deeds = useMemo(
    (): StepDeeds => ({
      linkTo: (seq) => `${location.origin}/c/${company.id}/agents/${agent}/runs/${run.id}?step=${seq}`,
      replayFrom: (seq) => {
        const stop = latest.current.stops.findIndex((one) => one.seq >= seq);
        if (stop >= 0) latest.current.go(stop);
      },
    }),
    [company.id, agent, run.id],
  );
  const nothingLive = useMemo(() => new LiveText(onNextFrame), []);
  const target = step === undefined ? undefined : { name: `${run.id}/${step}`, index: transcript.rowOf(step) };
  if (rows.length === 0 && load === "loading") return <LogSkeleton />;
  return (
    <Steps value={deeds}>
      <Scrubber replay={replay} live={run.state !== "ended"} startedAt={run.queuedAt} />
      {load === "failed" && (
        <div className="log-failed">
          <Note
            kind="fail"
            icon="warn"
            title="The beginning of this run could not be read"
            action={<Button onClick={() => transcript.retry()}>Try again</Button>}
          >
            What follows live is complete; nothing is lost.
          </Note>
        </div>
      )}
      <Past value={past}>
        <TranscriptList
          live={past ? nothingLive : transcript.live}
          rows={pastRows ?? rows}
          run={run.id}
          phone={phone}
          label={`Transcript of ${run.title}`}
          target={target}
          past={past}
          onReading={reading}
          onAgain={text === undefined || past ? undefined : again}
        />
      </Past>
    </Steps>
  );
}

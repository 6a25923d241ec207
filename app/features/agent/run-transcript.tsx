import { useCallback, useEffect } from "react";
import type { RunView } from "../../../party/protocol/agent.ts";
import { Button } from "../../components/button.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import type { UsedRoom } from "../../lib/room/use-room.ts";
import { useCompany } from "../shell/company-context.tsx";
import { TranscriptList } from "./transcript-list.tsx";
import { useTranscript } from "./use-transcript.ts";

/** The transcript of a run with its states: loading, cut short, live. */
export function RunTranscript({
  room,
  run,
  phone,
  onAgain,
}: {
  room: UsedRoom<"agent">;
  run: RunView;
  phone: boolean;
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
  if (rows.length === 0 && load === "loading") return <LogSkeleton />;
  return (
    <>
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
      <TranscriptList
        transcript={transcript}
        rows={rows}
        run={run.id}
        phone={phone}
        label={`Transcript of ${run.title}`}
        onReading={reading}
        onAgain={text === undefined ? undefined : again}
      />
    </>
  );
}

import { useEffect, useMemo, useSyncExternalStore } from "react";
import { api } from "../../lib/api.ts";
import { onNextFrame } from "../../lib/room/frame-loop.ts";
import type { RoomStore } from "../../lib/room/room-store.ts";
import { Transcript, type TranscriptView } from "./transcript.ts";

/** The transcript of one run, kept up to date while a screen shows it. */
export function useTranscript(
  store: RoomStore<"agent">,
  company: string,
  run: string,
): TranscriptView & { transcript: Transcript } {
  const transcript = useMemo(
    () => new Transcript(run, (after) => api.runEvents(company, run, after), onNextFrame),
    [company, run],
  );
  useEffect(() => {
    const stopListening = store.listen(transcript.listener);
    void transcript.start();
    return () => {
      stopListening();
      transcript.stop();
    };
  }, [store, transcript]);
  return { ...useSyncExternalStore(transcript.subscribe, transcript.getView), transcript };
}

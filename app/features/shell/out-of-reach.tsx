import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Note } from "../../components/states.tsx";
import { clock } from "../../lib/format.ts";
import { isSilence } from "../../lib/http.ts";
import { usePhoneDensity } from "../../lib/layout.ts";
import { meQuery, queryClient } from "../../lib/queries.ts";
import { useTitle } from "../../lib/title.ts";
import { AskAgain } from "./ask-again.ts";

/** A screen that nothing was loaded for yet, because nobody answers. It goes on by itself as soon as somebody does. */
export function OutOfReach() {
  const router = useRouter();
  const [since] = useState(() => new Date().toISOString());
  const [isAsking, setAsking] = useState(false);
  const again = useRef<AskAgain>(undefined);
  usePhoneDensity();
  useTitle("Out of reach");
  useEffect(() => {
    const asker = new AskAgain({
      ask: async () => {
        setAsking(true);
        const isAnswered = await answers();
        setAsking(false);
        return isAnswered;
      },
      answered: () => void router.invalidate(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      random: () => Math.random(),
    });
    again.current = asker;
    const now = (): void => asker.now();
    window.addEventListener("online", now);
    return () => {
      window.removeEventListener("online", now);
      asker.stop();
    };
  }, [router]);
  return (
    <main className="center-page">
      <Note
        kind="idle"
        icon="offline"
        title="Atrium is out of reach"
        action={
          <Button kind="primary" busy={isAsking} onClick={() => again.current?.now()}>
            Try now
          </Button>
        }
      >
        {navigator.onLine ? "It has not answered" : "This device has been offline"} since {clock(since)}. Drafts are kept, and
        runs go on without you. This page opens by itself when Atrium answers.
      </Note>
    </main>
  );
}

/** Asks who is signed in: any answer, also a no, means that Atrium is there. */
async function answers(): Promise<boolean> {
  try {
    // `always`: browsers are wrong about being offline when Atrium runs on this very machine.
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0, retry: false, networkMode: "always" });
    return true;
  } catch (error) {
    return !isSilence(error);
  }
}

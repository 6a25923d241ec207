import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { REHEARSALS } from "./rehearsals.ts";

/** Rehearsals, one click each; the model is named for what it is. */
export function RehearsalStrip({ why, start }: { why: string | undefined; start: (prompt: string) => Promise<void> }) {
  const [starting, setStarting] = useState<string>();
  return (
    <section className="rehearsals" aria-labelledby="rehearsals">
      <h2 id="rehearsals">
        Try a rehearsal{" "}
        <span className="dim">Rehearsal model, no provider key: it follows a script, with real tools and real approvals.</span>
      </h2>
      <ul>
        {REHEARSALS.map((rehearsal) => (
          <li key={rehearsal.skill}>
            <Button
              icon="play"
              busy={starting === rehearsal.skill}
              disabledBecause={why}
              onClick={() => {
                setStarting(rehearsal.skill);
                void start(rehearsal.prompt)
                  .catch((error: unknown) => toast("fail", sentence(error)))
                  .finally(() => setStarting(undefined));
              }}
            >
              {rehearsal.title}
            </Button>
            <span className="dim">{rehearsal.shows}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

import type { ErrorComponentProps } from "@tanstack/react-router";
import { Button } from "../../components/button.tsx";
import { Note } from "../../components/states.tsx";
import { isSilence } from "../../lib/http.ts";
import { sentence } from "../../lib/queries.ts";
import { OutOfReach } from "./out-of-reach.tsx";

/** A screen that could not be shown: what happened and the way on. Drafts are kept, so a reload costs nothing. */
export function PageError({ error }: ErrorComponentProps) {
  if (isSilence(error)) return <OutOfReach />;
  return (
    <main className="center-page">
      <Note
        kind="fail"
        icon="st-fail"
        title="This screen could not be shown"
        action={
          <Button kind="primary" onClick={() => location.reload()}>
            Reload
          </Button>
        }
      >
        {sentence(error)} What you wrote is kept.
      </Note>
    </main>
  );
}

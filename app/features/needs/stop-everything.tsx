import { useState } from "react";
import { atLeast } from "../../../party/protocol/roles.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { toast } from "../../components/toast.tsx";
import { plural } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { needsApi } from "./needs-api.ts";

/** The emergency brake: every run ends, every agent is paused. It asks once. */
export function StopEverything() {
  const { company, role, state } = useCompany();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const agents = Object.values(state?.roster ?? {}).filter((entry) => entry.status !== "retired");
  const live = agents.filter((entry) => ["working", "waiting", "queued"].includes(entry.status)).length;
  const stop = async (): Promise<void> => {
    setBusy(true);
    try {
      await needsApi.stopEverything(company.id);
      setAsking(false);
      toast("done", "Everything is stopped. Resume agents one by one when you are ready.");
    } catch (error) {
      toast("fail", sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button
        kind="danger"
        icon="stop"
        onClick={() => setAsking(true)}
        disabledBecause={atLeast(role, "operator") ? undefined : "Stopping everything needs the role operator"}
      >
        Stop everything
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Stop everything?"
        description={`Every run in ${company.name} ends now, and ${plural(agents.length, "agent is", "agents are")} paused. What waits for a decision is closed. This cannot be undone; what was written is kept.`}
      >
        <p className="dialog-text">
          {live === 0 ? "Nothing runs right now." : `${plural(live, "agent has", "agents have")} work right now.`}
        </p>
        <div className="btns dialog-foot">
          <Button onClick={() => setAsking(false)}>Back</Button>
          <Button kind="danger" busy={busy} onClick={() => void stop()}>
            Stop everything
          </Button>
        </div>
      </Dialog>
    </>
  );
}

import { lazy, Suspense } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import { Dialog } from "../../components/dialog.tsx";
import type { Decide } from "./use-decide.ts";

// What patterns cover is only looked at when someone is about to give one.
const RememberForm = lazy(() => import("./remember-form.tsx"));

/** Allows a call and says for which calls, and how long, nobody has to be asked again. */
export function RememberDialog({
  approval,
  decide,
  open,
  onClose,
  graceMs,
}: {
  approval: Approval;
  decide: Decide;
  open: boolean;
  onClose: () => void;
  graceMs?: number;
}) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Allow, and do not ask again"
      description={`${approval.agentName} goes on with this call, and with calls that fit. Everyone sees each one; you can revoke it at any time.`}
    >
      <Suspense>
        <RememberForm approval={approval} decide={decide} onClose={onClose} graceMs={graceMs} />
      </Suspense>
    </Dialog>
  );
}

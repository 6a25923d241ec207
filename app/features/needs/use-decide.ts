import { useState } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { CommandRefused } from "../../lib/room/frames.ts";
import { useCompany } from "../shell/company-context.tsx";
import { winnerSentence } from "./winner.ts";

export interface Decide {
  /** the decision that is on its way, per approval */
  sending: Readonly<Record<string, "allow" | "deny">>;
  decide(approval: Approval, decision: "allow" | "deny", more?: { note?: string; remember?: "run" }): Promise<void>;
  answer(question: string, value: string): Promise<boolean>;
}

/** Decides and answers in the company's room. The card settles by the room's event, for everyone at once. */
export function useDecide(): Decide {
  const { room } = useCompany();
  const [sending, setSending] = useState<Record<string, "allow" | "deny">>({});

  const tell = (error: unknown): void => {
    const winner = error instanceof CommandRefused ? error.winner : undefined;
    if (winner) toast("info", winnerSentence(winner, Date.now() + room.clockOffsetMs));
    else toast("fail", sentence(error));
  };

  return {
    sending,
    decide: async (approval, decision, more = {}) => {
      setSending((all) => ({ ...all, [approval.id]: decision }));
      const { id, version, digest } = approval;
      try {
        await room.store.command({
          type: "approval.decide",
          approval: id,
          version,
          digest,
          decision,
          note: more.note || undefined,
          remember: more.remember,
        });
      } catch (error) {
        tell(error);
      } finally {
        setSending(({ [id]: _done, ...rest }) => rest);
      }
    },
    answer: async (question, value) => {
      try {
        await room.store.command({ type: "question.answer", question, value });
        return true;
      } catch (error) {
        tell(error);
        return false;
      }
    },
  };
}

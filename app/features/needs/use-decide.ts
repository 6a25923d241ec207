import { useState } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import type { Remember } from "../../../party/protocol/consent/schema.ts";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { CommandRefused } from "../../lib/room/frames.ts";
import { useCompany } from "../shell/company-context.tsx";
import { winnerSentence } from "./winner.ts";

export type Decision = "allow" | "deny" | "edit";

export interface DecisionDetails {
  note?: string | undefined;
  remember?: Remember | undefined;
  /** canonical JSON of the new arguments, with `edit` */
  input?: string | undefined;
  /** ms in which it can be taken back before it counts */
  graceMs?: number | undefined;
}

export interface Decide {
  /** the decision that is on its way, per approval */
  sending: Readonly<Record<string, Decision>>;
  /** @returns false when it was refused; the person has been told why */
  decide(approval: Approval, decision: Decision, more?: DecisionDetails): Promise<boolean>;
  answer(question: string, value: string): Promise<boolean>;
}

/** Decides and answers in the company's room. The card settles by the room's event, for everyone at once. */
export function useDecide(): Decide {
  const { room } = useCompany();
  const [sending, setSending] = useState<Record<string, Decision>>({});

  const tell = (error: unknown): void => {
    const winner = error instanceof CommandRefused ? error.winner : undefined;
    if (winner) toast("info", winnerSentence(winner, Date.now() + room.clockOffsetMs));
    else toast("fail", sentence(error));
  };

  return {
    sending,
    decide: async (approval, decision, { note, ...more } = {}) => {
      setSending((all) => ({ ...all, [approval.id]: decision }));
      const { id, version, digest } = approval;
      try {
        await room.store.command({
          type: "approval.decide",
          approval: id,
          version,
          digest,
          decision,
          note: note || undefined,
          ...more,
        });
        return true;
      } catch (error) {
        tell(error);
        return false;
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

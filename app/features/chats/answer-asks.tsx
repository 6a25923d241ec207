import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import type { Role } from "../../../party/protocol/roles.ts";
import type { Answer } from "../../../party/protocol/session.ts";
import { Button } from "../../components/button.tsx";
import { Note } from "../../components/states.tsx";
import type { Row, RowOf } from "../agent/rows.ts";
import { NeedCard } from "../needs/need-card.tsx";
import { type Need, openNeeds } from "../needs/needs.ts";
import { needsApi } from "../needs/needs-api.ts";
import { roleMissing } from "../needs/rights.ts";
import { type Decide, useDecide } from "../needs/use-decide.ts";
import { useDecidePrivately } from "../needs/use-decide-privately.ts";
import { useCompany } from "../shell/company-context.tsx";
import { useDeeds } from "./chat-context.tsx";
import { chatQuery } from "./chat-queries.ts";
import { PartDialog } from "./part-dialog.tsx";

/** What an answer waits for, as the card that stands under Needs you. */
export function AnswerAsks({ answer }: { answer: Answer }) {
  const { state } = useCompany();
  const decide = useDecide();
  const asks = state ? openNeeds(state).filter((need) => runOf(need) === answer.run) : [];
  return <Cards asks={asks} decide={decide} onceOnly={false} />;
}

/** The same in a private conversation: the company's room knows nothing of it, so the run's own transcript says what is open. */
export function PrivateAsks({ answer, rows }: { answer: Answer; rows: readonly Row[] }) {
  const { company } = useCompany();
  const decide = useDecidePrivately();
  const gates = rows.filter(isOpenGate);
  const approvals = useQueries({
    queries: gates.map(({ gate: { approval } }) => ({
      queryKey: ["approval", company.id, approval],
      queryFn: () => needsApi.approval(company.id, approval),
    })),
  });
  const asked = approvals.flatMap(({ data }): Need[] =>
    data?.state === "pending" ? [{ kind: "approval", id: data.id, at: data.createdAt, held: 1, approval: data }] : [],
  );
  const missing = useRoleMissing(asked.flatMap((need) => (need.kind === "approval" ? [need.approval] : [])));
  return (
    <>
      <Cards asks={[...asked, ...rows.filter(isOpenQuestion).map((row) => questionOf(row, answer))]} decide={decide} onceOnly />
      {missing && <NobodyDecides missing={missing} />}
    </>
  );
}

/** The role that is missing among the people of this conversation for one of its asks. */
function useRoleMissing(asked: readonly Approval[]): Role | undefined {
  const { company, me, role, state } = useCompany();
  const { session } = useDeeds();
  const chat = useQuery({ ...chatQuery(company.id, session), enabled: asked.length > 0 });
  if (!chat.data || !state) return undefined;
  const others = (chat.data.people ?? []).filter(({ id }) => id !== me.id);
  const roles = [role, ...others.flatMap(({ id }) => state.members[id]?.role ?? [])];
  return asked.map(({ risk }) => roleMissing(risk, roles)).find((one) => one !== undefined);
}

/** An ask that only the people of this conversation see, and none of them may decide, would wait until it expires. */
function NobodyDecides({ missing }: { missing: Role }) {
  const { session, why } = useDeeds();
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Note
        kind="idle"
        icon="users"
        title="Nobody in this conversation may decide this."
        action={
          <Button small icon="users" disabledBecause={why} onClick={() => setAdding(true)}>
            Add people
          </Button>
        }
      >
        Add an {missing}.
      </Note>
      <PartDialog session={session} open={adding} onClose={() => setAdding(false)} />
    </>
  );
}

function Cards({ asks, decide, onceOnly }: { asks: readonly Need[]; decide: Decide; onceOnly: boolean }) {
  if (asks.length === 0) return null;
  return (
    <ol className="needs in-chat" aria-label="Needs you">
      {asks.map((need) => (
        <NeedCard
          key={need.id}
          need={need}
          open
          onOpen={() => undefined}
          decide={decide}
          keys={false}
          replaced={false}
          onceOnly={onceOnly}
        />
      ))}
    </ol>
  );
}

function runOf(need: Need): string {
  return need.kind === "approval" ? need.approval.run : need.question.run;
}

function isOpenGate(row: Row): row is RowOf<"gate"> {
  return row.kind === "gate" && !row.gate.decision && !row.gate.brokenOffAt;
}

function isOpenQuestion(row: Row): row is RowOf<"question"> {
  return row.kind === "question" && !row.answer && !row.brokenOff;
}

function questionOf({ question: id, text, options, at }: RowOf<"question">, { agent, agentName, run }: Answer): Need {
  const question = { id, agent, agentName, run, runTitle: "This answer", text, options: [...options], createdAt: at };
  return { kind: "question", id, at, held: 1, question: { ...question, state: "open" } };
}

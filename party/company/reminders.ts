/** What waits for people is said again: a few times, further and further apart, and once more before it expires. */
import type { CompanyState } from "../protocol/company.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Turn } from "./turn.ts";

type Waiting = { createdAt: string; expiresAt?: string; reminded?: { times: number } | undefined };

/** When an ask is said again, ms since the epoch, earliest first. */
export function remindersOf({ createdAt, expiresAt }: Waiting): number[] {
  const from = Date.parse(createdAt);
  const end = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
  const times = [...LIMITS.remindAfterMs.map((ms) => from + ms), end - LIMITS.remindBeforeExpiryMs];
  return times.filter((at) => at > from && at < end && Number.isFinite(at)).sort((a, b) => a - b);
}

/** Says again what is due. What was missed while the room was down is said once, not in a row. */
export function remindDue(turn: Turn): void {
  for (const { id, ...waiting } of pending(turn.state)) {
    const times = remindersOf(waiting).filter((at) => at <= turn.now).length;
    if (times <= (waiting.reminded?.times ?? 0)) continue;
    turn.emit(
      waiting.expiresAt === undefined
        ? { type: "question.reminded", question: id, times }
        : { type: "approval.reminded", approval: id, times },
    );
  }
}

export function nextReminder(state: CompanyState): number | undefined {
  const due = pending(state).flatMap((waiting) => remindersOf(waiting)[waiting.reminded?.times ?? 0] ?? []);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** Questions wait until they are answered or their run ends; approvals expire. */
function pending({ approvals, questions }: CompanyState): (Waiting & { id: string })[] {
  return [
    ...Object.values(approvals)
      .filter(({ state }) => state === "pending")
      .map(({ id, createdAt, expiresAt, reminded }) => ({ id, createdAt, expiresAt, reminded })),
    ...Object.values(questions)
      .filter(({ state }) => state === "open")
      .map(({ id, createdAt, reminded }) => ({ id, createdAt, reminded })),
  ];
}

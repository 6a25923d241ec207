/** What a person wants to be told of, how, and when not. Pure. */
import { z } from "zod";
import type { NOTE_KINDS } from "../../db/schema/notify.ts";

export type NoteKind = (typeof NOTE_KINDS)[number];

const kinds = z.object({
  /** approvals and questions one may settle */
  needs: z.boolean(),
  /** asks that have waited for long, or are about to expire */
  reminders: z.boolean(),
  mentions: z.boolean(),
  /** runs one asked for that failed */
  failures: z.boolean(),
});

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time like 22:00");

export const notifyRules = z.object({
  push: kinds,
  mail: kinds,
  /** nothing is pushed or mailed between these times of the person's day; it follows at the end */
  quiet: z.object({ from: clock, to: clock }).nullable(),
  /** companies that say nothing beside the screen */
  muted: z.array(z.string().min(1).max(64)).max(200),
});
export type NotifyRules = z.infer<typeof notifyRules>;

export const USUAL_RULES: NotifyRules = {
  push: { needs: true, reminders: true, mentions: true, failures: true },
  mail: { needs: true, reminders: true, mentions: true, failures: false },
  quiet: null,
  muted: [],
};

/** ms; someone who sits at the screen settles most asks before a phone has to ring */
export const PUSH_AFTER_MS = 5_000;
/** ms; a mail is for what neither the screen nor the phone got done */
export const MAIL_AFTER_MS = 15 * 60_000;

const RULE_OF: Record<NoteKind, keyof NotifyRules["push"]> = {
  approval: "needs",
  question: "needs",
  reminder: "reminders",
  mention: "mentions",
  failure: "failures",
};

/** When something goes out to a person; undefined where they do not want it. ms since the epoch */
export type Plan = { pushAt: number | undefined; mailAt: number | undefined };

/** @param timezone IANA name, of the person */
export function planOf(rules: NotifyRules, kind: NoteKind, company: string, timezone: string, now: number): Plan {
  if (rules.muted.includes(company)) return { pushAt: undefined, mailAt: undefined };
  const rule = RULE_OF[kind];
  const at = (wanted: boolean, after: number): number | undefined =>
    wanted ? afterQuiet(rules.quiet, timezone, now + after) : undefined;
  return { pushAt: at(rules.push[rule], PUSH_AFTER_MS), mailAt: at(rules.mail[rule], MAIL_AFTER_MS) };
}

const MINUTE_MS = 60_000;
const DAY_MIN = 24 * 60;

/** The moment itself, or the end of the quiet hours it falls into. ms since the epoch */
export function afterQuiet(quiet: NotifyRules["quiet"], timezone: string, at: number): number {
  if (!quiet || quiet.from === quiet.to) return at;
  const [from, to, now] = [minutesOf(quiet.from), minutesOf(quiet.to), minuteOfDay(timezone, at)];
  const since = (now - from + DAY_MIN) % DAY_MIN;
  const length = (to - from + DAY_MIN) % DAY_MIN;
  if (since >= length) return at;
  const end = at - (at % MINUTE_MS) + (length - since) * MINUTE_MS;
  // A night in which clocks change is an hour longer or shorter than it looked from its beginning.
  const off = minuteOfDay(timezone, end) - to;
  return end - (((off + DAY_MIN + DAY_MIN / 2) % DAY_MIN) - DAY_MIN / 2) * MINUTE_MS;
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
}

function minuteOfDay(timezone: string, at: number): number {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return minutesOf(format.format(at));
}

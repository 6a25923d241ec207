import type { Usage } from "../../party/protocol/common.ts";
import type { CostBasis } from "../../party/protocol/run-events.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A running time: `0:09`, `6:12`, `2 h 06`. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND));
  const hours = Math.floor(total / 3_600);
  const minutes = Math.floor(total / 60) % 60;
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, "0")}`;
  return `${minutes}:${String(total % 60).padStart(2, "0")}`;
}

/** The time a tool took: `<0.1 s`, `0.2 s`, `14 s`, `3:05`. */
export function took(ms: number): string {
  if (ms < SECOND / 20) return "<0.1 s"; // less would round to nothing at all
  if (ms < 10 * SECOND) return `${Number((ms / SECOND).toFixed(1))} s`;
  return ms < MINUTE ? `${Math.round(ms / SECOND)} s` : duration(ms);
}

/** How long ago: `now`, `12 s`, `6 min`, `3 h`, `2 d`. */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at);
  if (ms < 2 * SECOND) return "now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
}

/** How long until: `12:48`, `5 h`, `7 days`. */
export function until(at: string, now: number): string {
  const ms = Math.max(0, Date.parse(at) - now);
  if (ms < HOUR) return duration(ms);
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} days`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const CLOCK_SHORT = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY_AND_CLOCK = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** `11:20:41` in the person's own time zone. */
export function clock(at: string): string {
  return CLOCK.format(new Date(at));
}

/** `11:20` for today, `20 Nov, 11:20` before. */
export function when(at: string, now: number): string {
  const date = new Date(at);
  return date.toDateString() === new Date(now).toDateString() ? CLOCK_SHORT.format(date) : DAY_AND_CLOCK.format(date);
}

/** Micro-USD as money: `$0.00`, `$1.24`. */
export function money(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(2)}`;
}

/** What a run cost, as far as it is known: `$1.24`, `at least $1.24`, `cost unknown`. */
export function costText(microUsd: number, basis: CostBasis | undefined): string {
  if (basis !== "unknown") return money(microUsd);
  return microUsd > 0 ? `at least ${money(microUsd)}` : "cost unknown";
}

const COUNT = new Intl.NumberFormat("en-US");

/** `48,210 in, 3,904 out` */
export function tokens(usage: Usage): string {
  return `${COUNT.format(usage.input)} in, ${COUNT.format(usage.output)} out`;
}

/** `812 B`, `48 KB`, `1.2 MB` */
export function bytes(count: number): string {
  if (count < 1_024) return `${count} B`;
  if (count < 1_048_576) return `${Math.round(count / 1_024)} KB`;
  return `${(count / 1_048_576).toFixed(1)} MB`;
}

/** `1 person`, `3 people` */
export function plural(count: number, one: string, many: string): string {
  return `${COUNT.format(count)} ${count === 1 ? one : many}`;
}

/** A line of a log for reading: processes of ours write JSON, others plain text. */

export interface LogLine {
  /** `14:03:07`, in the viewer's time zone; absent where the line names none */
  time: string | undefined;
  level: "quiet" | "warn" | "error";
  text: string;
}

/** pino's numbers */
const WARN = 40;
const ERROR = 50;
/** What every line says of its process, and what stands beside the text already. */
const KNOWN = new Set(["level", "time", "msg", "pid", "hostname", "process"]);

export function readLine(line: string): LogLine {
  const record = parse(line);
  if (!record) return { time: undefined, level: "quiet", text: line };
  const { level, time, msg } = record;
  const rest = Object.entries(record)
    .filter(([name]) => !KNOWN.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return {
    time: clockOf(time),
    level: typeof level !== "number" || level < WARN ? "quiet" : level < ERROR ? "warn" : "error",
    text: [typeof msg === "string" ? msg : "", ...rest].filter(Boolean).join(" "),
  };
}

function clockOf(time: unknown): string | undefined {
  const at = typeof time === "string" || typeof time === "number" ? new Date(time) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at.toLocaleTimeString(undefined, { hourCycle: "h23" }) : undefined;
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

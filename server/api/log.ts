/** The log: JSON lines on stdout, which the launcher keeps. Secrets are cut out by name, wherever a careless caller puts them. */
import { type Logger, pino } from "pino";

const SECRET_FIELDS = ["authorization", "cookie", "password", "currentPassword", "token", "invite", "key", "secret", "ticket"];

export function createLog(level: string): Logger {
  return pino({
    level,
    base: { process: "api" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`, `req.headers["${field}"]`]),
  });
}

import { useEffect, useState } from "react";
import { assertNever } from "../../../party/protocol/assert.ts";
import { Icon } from "../../components/icon.tsx";
import { useNow } from "../../lib/clock.ts";
import { plural } from "../../lib/format.ts";
import type { RoomStatus } from "../../lib/room/status.ts";

/** ms without a connection before the pill speaks: short breaks are nobody's business */
const QUIET_MS = 2_000;
/** ms the pill says what was caught up */
const BACK_MS = 6_000;

/** Says how live the screen is: quiet while it is, plain about it when it is not. */
export function ConnectionPill({ status }: { status: RoomStatus }) {
  switch (status.kind) {
    case "idle":
      return <Live label="Connecting" />;
    case "live":
      return <Back key={`${status.missed}.${status.awayMs}`} missed={status.missed} awayMs={status.awayMs} />;
    case "connecting":
    case "catching_up":
      return <Away since={status.since} first={status.first} retryAt={undefined} />;
    case "waiting":
      return <Away since={status.since} first={status.first} retryAt={status.retryAt} />;
    case "refused":
      return <Pill kind="off" text={status.why === "signed_out" ? "Signed out" : "No access"} />;
    case "outdated":
      return <Pill kind="retry" text="Reload needed" />;
    default:
      return assertNever(status);
  }
}

function Live({ label }: { label: string }) {
  return (
    <span className="conn" data-c="live" role="status">
      {label === "Live" && <span className="conn-dot" />}
      {label}
    </span>
  );
}

function Pill({ kind, text }: { kind: "retry" | "off" | "back"; text: string }) {
  const icon = kind === "retry" ? "st-live" : kind === "off" ? "offline" : "check";
  return (
    <span className="conn" data-c={kind} role="status">
      <Icon name={icon} className={kind === "retry" ? "live" : ""} />
      <span className="num">{text}</span>
    </span>
  );
}

function Back({ missed, awayMs }: { missed: number; awayMs: number }) {
  const tell = awayMs > QUIET_MS && missed > 0;
  const [told, setTold] = useState(!tell);
  useEffect(() => {
    if (told) return;
    const timer = setTimeout(() => setTold(true), BACK_MS);
    return () => clearTimeout(timer);
  }, [told]);
  return told ? (
    <Live label="Live" />
  ) : (
    <Pill kind="back" text={`Back, ${plural(missed, "missed event", "missed events")} loaded`} />
  );
}

function Away({ since, first, retryAt }: { since: number; first: boolean; retryAt: number | undefined }) {
  const now = useNow();
  if (now - since < QUIET_MS) return <Live label={first ? "Connecting" : "Live"} />;
  if (!navigator.onLine) return <Pill kind="off" text={`Offline for ${seconds(now - since)}`} />;
  const wait = retryAt === undefined ? 0 : Math.max(0, retryAt - now);
  const word = first ? "Connecting" : "Reconnecting";
  return <Pill kind="retry" text={wait > 0 ? `${word}, ${seconds(wait)}` : word} />;
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}

import { Link } from "@tanstack/react-router";
import { Button } from "../../components/button.tsx";
import { Banner } from "../../components/states.tsx";
import { useNow } from "../../lib/clock.ts";
import type { RoomStatus } from "../../lib/room/status.ts";

/** ms without a connection before a banner says what that means */
const BANNER_AFTER_MS = 5_000;

/** What a missing connection means for the person, and what to do; nothing while all is well. */
export function RoomBanner({ status, onRetry }: { status: RoomStatus; onRetry: () => void }) {
  if (status.kind === "outdated") {
    return (
      <Banner
        kind="wait"
        icon="bolt"
        action={
          <Button kind="primary" onClick={() => location.reload()}>
            Reload
          </Button>
        }
      >
        <b>Atrium was updated.</b> Reload to go on. What you were writing is kept.
      </Banner>
    );
  }
  if (status.kind === "refused") return <Refused why={status.why} onRetry={onRetry} />;
  if (status.kind === "waiting") return <Waiting since={status.since} first={status.first} onRetry={onRetry} />;
  return null;
}

function Refused({ why, onRetry }: { why: "signed_out" | "not_found" | "rights"; onRetry: () => void }) {
  if (why === "signed_out") {
    return (
      <Banner
        kind="wait"
        icon="lock"
        action={
          <Link className="btn primary" to="/sign-in" search={{ next: location.pathname }}>
            Sign in
          </Link>
        }
      >
        <b>You are signed out.</b> Sign in to see what happened since.
      </Banner>
    );
  }
  if (why === "rights") {
    return (
      <Banner kind="wait" icon="lock" action={<Button onClick={onRetry}>Enter again</Button>}>
        <b>Your rights here changed.</b> This screen stopped. Enter again to see what you may see now.
      </Banner>
    );
  }
  return (
    <Banner kind="wait" icon="lock" action={<Button onClick={onRetry}>Try again</Button>}>
      <b>You cannot enter this room.</b> It was removed, or you may not see it.
    </Banner>
  );
}

function Waiting({ since, first, onRetry }: { since: number; first: boolean; onRetry: () => void }) {
  const now = useNow();
  if (now - since < BANNER_AFTER_MS) return null;
  return (
    <Banner kind="wait" icon="offline" action={<Button onClick={onRetry}>Try now</Button>}>
      <b>{first ? "There is no connection yet." : "The connection is lost."}</b> Runs go on without you. This screen stays as it
      was and catches up by itself; nothing is sent meanwhile.
    </Banner>
  );
}

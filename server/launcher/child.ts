/**
 * What every Node process under the launcher does for it: beat, say when it serves, stop when asked, and go away when
 * the launcher is gone. Started alone there is no channel and only the signals are handled.
 */
import { killMarked, RUNNER_MARK } from "./kill.ts";
import { BEAT_EVERY_MS, type ChildMessage, isStop } from "./messages.ts";

/** `stop`: asked to, by message or signal. `launcher-gone`: the channel broke, so nobody will start us again. */
export type StopReason = "stop" | "launcher-gone";

export interface Supervision {
  /** Call once, when the process serves. */
  ready(): void;
  /** The api tells the first-owner link, before `ready()`. */
  ownerLink(url: string): void;
  /** The process cannot run and a restart cannot help; one sentence for people. The launcher then stops everything. */
  fatal(message: string): void;
  /** The builder of development tells that a part is new. */
  send(message: ChildMessage): void;
}

export interface SupervisionOptions {
  /** Close what is open. The process exits when it settles, and in any case after `STOP_LIMIT_MS`. */
  onStop: (reason: StopReason) => Promise<void> | void;
}

/** ms an orderly stop may take; the launcher kills the group at 2,000 */
const STOP_LIMIT_MS = 1_800;

/** Connects this process to the launcher that started it. Call it before anything slow, so that the beats begin. */
export function superviseFromLauncher({ onStop }: SupervisionOptions): Supervision {
  const send = (message: ChildMessage): void => {
    // A full or broken channel shows as `disconnect`; an error here would only repeat it.
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };

  const supervised = process.send !== undefined;
  let stopping = false;
  const stop = (reason: StopReason): void => {
    if (stopping) return;
    stopping = true;
    const limit = new Promise<void>((resolve) => setTimeout(resolve, STOP_LIMIT_MS));
    const orderly = Promise.resolve()
      .then(() => onStop(reason))
      .catch((error: unknown) => console.error("the orderly stop failed", error));
    void Promise.race([orderly, limit]).then(() => leave(reason, supervised));
  };

  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop("stop"));
  if (supervised) {
    process.on("message", (message) => {
      if (isStop(message)) stop("stop");
    });
    process.on("disconnect", () => stop("launcher-gone"));
    // The launcher reads our output: when it dies every write fails, and that must not cut the orderly stop short.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
    send({ type: "beat" });
    setInterval(() => send({ type: "beat" }), BEAT_EVERY_MS).unref();
  }

  return {
    ready: () => send({ type: "ready" }),
    ownerLink: (url) => send({ type: "owner-link", url }),
    fatal: (message) => send({ type: "fatal", message }),
    send,
  };
}

function leave(reason: StopReason, supervised: boolean): void {
  // A runner's commands have groups of their own; none may outlive it, whatever the orderly stop has managed.
  const runnerId = process.env[RUNNER_MARK];
  if (runnerId && supervised) killMarked(runnerId);
  if (reason === "launcher-gone") {
    try {
      // We lead our own process group: whatever we started and is still here goes with us.
      process.kill(-process.pid, "SIGKILL");
    } catch {
      // Not a group leader, so nothing of ours is in it.
    }
  }
  process.exit(0);
}

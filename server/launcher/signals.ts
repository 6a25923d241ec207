/** When to stop: signals, and the disappearance of the npm that started us. */

/** ms within which a repeated signal is the same one: a terminal sends Ctrl-C to us and to npm, which passes it on */
const SAME_SIGNAL_MS = 500;
/** ms between two looks at the parent */
const PARENT_EVERY_MS = 1_000;

export interface StopRequests {
  /** asked to stop */
  stop(): void;
  /** asked again: at once */
  kill(): void;
}

/** Calls `stop` on the first request and `kill` on a second one that is not its echo. */
export function onStopRequest({ stop, kill }: StopRequests): void {
  let first: number | undefined;
  const request = (): void => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      stop();
    } else if (now - first > SAME_SIGNAL_MS) {
      kill();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, request);

  // npm passes SIGINT and SIGTERM on, but cannot when it is killed; we then belong to another parent.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      request();
    }, PARENT_EVERY_MS);
    watch.unref();
  }
}

/** The rooms as a worker of Cloudflare: the same bundle that workerd serves here, with the same classes under the same names. */
import type { Rooms } from "../../server/rooms/host/classes.ts";

/**
 * `wrangler.json` for `wrangler deploy`. The secrets of `ROOM_BINDINGS` are set with `wrangler secret put`.
 * @param main absolute path of the bundle
 */
export function wranglerConfig({ classes, compatibilityDate, compatibilityFlags }: Rooms, main: string): object {
  return {
    name: "atrium-rooms",
    main,
    no_bundle: true,
    compatibility_date: compatibilityDate,
    compatibility_flags: compatibilityFlags,
    durable_objects: { bindings: classes.map(({ binding, className }) => ({ name: binding, class_name: className })) },
    // The tag names this step for ever: a later change of the classes is a step of its own.
    migrations: [{ tag: "v1", new_sqlite_classes: classes.map(({ className }) => className) }],
    send_metrics: false,
  };
}

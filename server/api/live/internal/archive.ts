/** `POST /internal/archive`: rooms hand up what happened. Confirmed only when it is on disk. */
import { createRoute, z } from "@hono/zod-openapi";
import { WriteRefused } from "../../../../db/errors.ts";
import { roomKey } from "../../../rooms/client/link-pool.ts";
import { ApiError, invalid, storageFull } from "../../errors.ts";
import { policy } from "../../route.ts";
import { answer, newRouter } from "../../router.ts";
import { COMPANY_GONE, parseArchivePost } from "../archive/store.ts";
import { nameUntitled } from "../sessions/titles.ts";
import type { Live } from "../state.ts";

const archive = createRoute({
  method: "post",
  path: "/internal/archive",
  summary: "Store events of a room",
  // The full disk is answered here, with the status a room waits for, also when the monitor has not looked yet.
  middleware: policy({ auth: "internal", scope: "instance", minRole: null, mutates: true, whenFull: "allow" }),
  responses: { 200: answer(z.object({ archived: z.number().int() }), "The last seq in the archive") },
});

export function archiveRoutes(live: Live) {
  return newRouter().openapi(archive, async (c) => {
    if (c.get("services").disk.state === "full") throw storageFull();
    // Parsed here and not by the route: the events are kept exactly as they came.
    const post = parseArchivePost(await c.req.text());
    if (!post) throw invalid("", "This is not a post for the archive.");
    try {
      const archived = await live.archive.store(post);
      live.archived.ring(roomKey(post));
      if (post.party === "session" && post.events.some(({ type }) => type === "message.posted"))
        await nameUntitled(c.get("services"), post.room);
      return c.json({ archived }, 200);
    } catch (error) {
      if (!(error instanceof WriteRefused) || error.code !== COMPANY_GONE) throw error;
      throw new ApiError(410, COMPANY_GONE, "The company of this room was deleted.");
    }
  });
}

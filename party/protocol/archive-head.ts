/** `POST /internal/archive/head`: how far the archive of a room reaches, over all its epochs. A room asks once in a new generation. */
import { z } from "zod";
import { PARTIES } from "./tickets.ts";

/** characters of a room's id */
const MAX_ROOM = 140;

export const archiveHeadRequest = z.object({ party: z.enum(PARTIES), room: z.string().min(1).max(MAX_ROOM) });
export type ArchiveHeadRequest = z.infer<typeof archiveHeadRequest>;
export const archiveHeadAnswer = z.object({ head: z.number().int().min(0) });

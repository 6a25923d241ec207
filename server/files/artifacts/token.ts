/** What lets a frame show one file for a while: signed, and good under one host only. */
import { z } from "zod";
import { readToken, signToken } from "../../../party/protocol/sign.ts";

/** Purpose of the token, part of its signature. */
const PURPOSE = "artifact";
/** ms; a frame asks for its file at once */
export const ARTIFACT_MS = 10 * 60_000;

const claims = z.object({
  company: z.string(),
  file: z.string(),
  /** of the frame, as the Host header spells it */
  host: z.string(),
  /** of the page around it */
  appHost: z.string(),
  /** ms since the epoch */
  expiresAt: z.number(),
});
export type ArtifactClaims = z.infer<typeof claims>;

export function signArtifact(secret: string, what: ArtifactClaims): string {
  return signToken(secret, PURPOSE, what);
}

/** The claims of a good token under this host; undefined for anything else. */
export function readArtifact(secret: string, token: string, host: string | undefined, now: number): ArtifactClaims | undefined {
  const parsed = claims.safeParse(readToken(secret, PURPOSE, token));
  if (!parsed.success || parsed.data.host !== host?.toLowerCase() || parsed.data.expiresAt <= now) return undefined;
  return parsed.data;
}

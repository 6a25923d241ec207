/**
 * Where artifacts run: under another name than the app's, so that nothing an agent wrote ever shares its cookies, storage or
 * scripts (docs/decisions). A machine reached as `127.0.0.1` is reached as `localhost` too, and the other way round; elsewhere
 * the operator names a second address, or there is none and the sandbox stands alone.
 */

const TWINS: Record<string, string> = { "127.0.0.1": "localhost", localhost: "127.0.0.1", "[::1]": "localhost" };
const HOST = /^[A-Za-z0-9.-]+(:\d+)?$|^\[[0-9a-fA-F:.]+\](:\d+)?$/;

export type OriginSettings = {
  /** ATRIUM_URL */
  publicUrl: string | undefined;
  /** ATRIUM_ARTIFACTS_URL */
  artifactsUrl: string | undefined;
};

export type ArtifactOrigin = {
  origin: string;
  /** false: it is the app's own, and only the sandbox keeps artifacts apart */
  apart: boolean;
};

/**
 * The origin of artifacts for a person who opened the app under a host.
 * @param host the Host header; undefined or crooked: there is nowhere to run anything
 */
export function artifactOrigin(
  { publicUrl, artifactsUrl }: OriginSettings,
  host: string | undefined,
): ArtifactOrigin | undefined {
  if (artifactsUrl !== undefined) return { origin: artifactsUrl, apart: true };
  const own = publicUrl ?? (host !== undefined && HOST.test(host) ? `http://${host.toLowerCase()}` : undefined);
  if (own === undefined) return undefined;
  const url = new URL(own);
  const twin = TWINS[url.hostname];
  if (twin === undefined) return { origin: url.origin, apart: false };
  url.hostname = twin;
  return { origin: url.origin, apart: true };
}

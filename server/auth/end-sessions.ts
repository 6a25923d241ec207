/**
 * Ends what opened sockets, a browser session or an API key, and with it the sockets: every company of the person hears of it
 * in the same write.
 */
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { orRefuse } from "../../db/write-queue.ts";
import { actorRefOf, type Identity } from "../api/context.ts";
import { membershipsOf } from "../api/memberships.ts";
import type { Services } from "../api/services.ts";

/** What a socket's ticket says it was opened with, so that the end of that proof closes the socket. */
export function socketSession(via: Identity["via"]): string {
  return via.kind === "session" ? via.idHash : `key:${via.id}`;
}

/** @param idHashes stored ids of sessions of this person; others are left alone */
export async function endSessions({ read, write }: Services, identity: Identity, idHashes: readonly string[]): Promise<void> {
  if (idHashes.length === 0) return;
  const { id } = identity.user;
  const places = await membershipsOf(read, id);
  await write(
    ({ activity, toRoom }) => [
      ...idHashes.map((idHash) => ({ sql: "DELETE FROM auth_sessions WHERE id_hash = ? AND user = ?", args: [idHash, id] })),
      activity({
        chain: INSTANCE_CHAIN,
        actor: actorRefOf(identity),
        action: "session.ended",
        subject: { kind: "person", id },
        data: { sessions: idHashes.length },
      }),
      ...places.flatMap(({ company }) =>
        idHashes.map((idHash) => {
          const session = socketSession({ kind: "session", idHash });
          return toRoom("company", company, { kind: "session.revoked", session });
        }),
      ),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
}

/**
 * Revokes a key of this person.
 * @throws {WriteRefused} `not_found` when it is not theirs, or gone already
 */
export async function revokeApiKey({ read, write }: Services, identity: Identity, key: string): Promise<void> {
  const { id } = identity.user;
  const places = await membershipsOf(read, id);
  const session = socketSession({ kind: "key", id: key });
  await write(
    ({ activity, toRoom }) => [
      { sql: "DELETE FROM api_keys WHERE id = ? AND user = ?", args: [key, id] },
      orRefuse("not_found"),
      activity({
        chain: INSTANCE_CHAIN,
        actor: actorRefOf(identity),
        action: "api_key.revoked",
        subject: { kind: "api_key", id: key },
      }),
      ...places.map(({ company }) => toRoom("company", company, { kind: "session.revoked", session })),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
}

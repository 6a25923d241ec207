/**
 * Ends what opened sockets, a browser session or an API key, and with it the sockets: every company of the person hears of it
 * in the same write.
 */
import type { Client } from "@libsql/client/sqlite3";
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { orRefuse, type Statement, type UnitContext } from "../../db/write-queue.ts";
import { actorRefOf, type Identity } from "../api/context.ts";
import { membershipsOf } from "../api/memberships.ts";
import type { Services } from "../api/services.ts";

/** What proves who a socket belongs to. */
type Proof = { kind: "session"; idHash: string } | { kind: "key"; id: string };

/** What a socket's ticket says it was opened with, so that the end of that proof closes the socket. */
export function socketSession(proof: Proof): string {
  return proof.kind === "session" ? proof.idHash : `key:${proof.id}`;
}

/** @param idHashes stored ids of sessions of this person; others are left alone */
export async function endSessions({ read, write }: Services, identity: Identity, idHashes: readonly string[]): Promise<void> {
  if (idHashes.length === 0) return;
  const { id } = identity.user;
  const places = await membershipsOf(read, id);
  await write(
    (context) => [
      ...idHashes.map((idHash) => ({ sql: "DELETE FROM auth_sessions WHERE id_hash = ? AND user = ?", args: [idHash, id] })),
      context.activity({
        chain: INSTANCE_CHAIN,
        actor: actorRefOf(identity),
        action: "session.ended",
        subject: { kind: "person", id },
        data: { sessions: idHashes.length },
      }),
      ...idHashes.flatMap((idHash) => closeSockets(context, { kind: "session", idHash }, places)),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
}

/** What a person is signed in with now, and where: read before a unit that ends it all. */
export type SignedIn = { person: string; proofs: readonly Proof[]; places: readonly { company: string }[] };

/** @param keys also the sockets that API keys opened; the keys themselves stay */
export async function signedInOf(read: Client, person: string, keys: "with keys" | "browsers only"): Promise<SignedIn> {
  const [sessions, apiKeys, places] = await Promise.all([
    read.execute({ sql: "SELECT id_hash FROM auth_sessions WHERE user = ?", args: [person] }),
    read.execute({ sql: "SELECT id FROM api_keys WHERE user = ?", args: [person] }),
    membershipsOf(read, person),
  ]);
  const browsers = sessions.rows.map((row): Proof => ({ kind: "session", idHash: String(row.id_hash) }));
  const programs = apiKeys.rows.map((row): Proof => ({ kind: "key", id: String(row.id) }));
  return { person, proofs: keys === "with keys" ? [...browsers, ...programs] : browsers, places };
}

/** Signs a person out everywhere, as statements of a larger unit. */
export function signOutEverywhere(context: UnitContext, { person, proofs, places }: SignedIn): Statement[] {
  return [
    { sql: "DELETE FROM auth_sessions WHERE user = ?", args: [person] },
    ...proofs.flatMap((proof) => closeSockets(context, proof, places)),
  ];
}

/**
 * Revokes a key of this person.
 * @throws {WriteRefused} `not_found` when it is not theirs, or gone already
 */
export async function revokeApiKey({ read, write }: Services, identity: Identity, key: string): Promise<void> {
  const { id } = identity.user;
  const places = await membershipsOf(read, id);
  await write(
    (context) => [
      { sql: "DELETE FROM api_keys WHERE id = ? AND user = ?", args: [key, id] },
      orRefuse("not_found"),
      context.activity({
        chain: INSTANCE_CHAIN,
        actor: actorRefOf(identity),
        action: "api_key.revoked",
        subject: { kind: "api_key", id: key },
      }),
      ...closeSockets(context, { kind: "key", id: key }, places),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
}

function closeSockets({ toRoom }: UnitContext, proof: Proof, places: readonly { company: string }[]): Statement[] {
  const session = socketSession(proof);
  return places.map(({ company }) => toRoom("company", company, { kind: "session.revoked", session }));
}

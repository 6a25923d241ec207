/** Ends browser sessions, and with them the sockets they opened: every company of the person hears of it. */
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { actorRefOf, type Identity } from "../api/context.ts";
import type { Services } from "../api/services.ts";

/** @param idHashes stored ids of sessions of this person; others are left alone */
export async function endSessions({ read, write }: Services, identity: Identity, idHashes: readonly string[]): Promise<void> {
  if (idHashes.length === 0) return;
  const { id } = identity.user;
  const { rows } = await read.execute({ sql: "SELECT company FROM members WHERE user = ? AND removed_at IS NULL", args: [id] });
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
      ...rows.flatMap(({ company }) =>
        idHashes.map((session) => toRoom("company", String(company), { kind: "session.revoked", session })),
      ),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
}

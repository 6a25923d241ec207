import type { Approval } from "../../../party/protocol/company.ts";
import { Avatar } from "../../components/avatar.tsx";
import { firstName } from "../../lib/identity.ts";
import { useCompany } from "../shell/company-context.tsx";

/** Votes so far, and who has the approval open right now. */
export function VoteLine({ approval, then }: { approval: Approval; then?: string }) {
  const { room, me } = useCompany();
  const deciding = room.people.filter((person) => person.deciding === approval.id && person.id !== me.id);
  const votes = approval.votes;
  return (
    <div className="quorum">
      <span className="q-dots" aria-hidden="true">
        {Array.from({ length: approval.need }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the dots are their places
          <i key={i} data-on={i < votes.length || undefined} />
        ))}
      </span>
      <b>
        {votes.length} of {approval.need}
      </b>
      {votes.map((vote) => (
        <span key={vote.by.id}>
          <Avatar person={vote.by} size="xs" decorative />
          {firstName(vote.by.name)} {vote.decision === "deny" ? "denied" : "allowed"}
        </span>
      ))}
      {deciding.map((person) => (
        <span key={person.id}>
          <Avatar person={person} size="xs" decorative />
          {firstName(person.name)} is deciding
        </span>
      ))}
      {then && <span className="dim">{then}</span>}
    </div>
  );
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { toast } from "../../components/toast.tsx";
import { api, type Invite } from "../../lib/api.ts";
import { until } from "../../lib/format.ts";
import { invitesQuery, sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { NewInvite } from "./new-invite.tsx";

/** Invite links: made here, copied once, taken back while nobody used them. */
export function Invites() {
  const { company } = useCompany();
  const invites = useQuery(invitesQuery(company.id));
  return (
    <section aria-labelledby="invites">
      <div className="sec-head">
        <h2 id="invites">Invites</h2>
      </div>
      <NewInvite />
      {invites.data && invites.data.length > 0 && (
        <ul className="rows">
          {invites.data.map((invite) => (
            <InviteRow key={invite.id} invite={invite} />
          ))}
        </ul>
      )}
    </section>
  );
}

function InviteRow({ invite }: { invite: Invite }) {
  const { company } = useCompany();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api.revokeInvite(company.id, invite.id),
    onSuccess: () => client.invalidateQueries(invitesQuery(company.id)),
    onError: (error) => toast("fail", sentence(error)),
  });
  const kind = `Invite for ${invite.role === "admin" || invite.role === "operator" ? "an" : "a"} ${invite.role}`;
  return (
    <li>
      <Icon name="link" className="dim" />
      <span className="grow">{invite.email === null ? kind : `${kind}, ${invite.email}`}</span>
      <span className="dim num row-hint">expires in {until(invite.expiresAt, Date.now())}</span>
      <Button small busy={revoke.isPending} onClick={() => revoke.mutate()}>
        Take back
      </Button>
    </li>
  );
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Role } from "../../../party/protocol/roles.ts";
import { Button } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";
import { Icon } from "../../components/icon.tsx";
import { toast } from "../../components/toast.tsx";
import { api, type Invite } from "../../lib/api.ts";
import { until } from "../../lib/format.ts";
import { invitesQuery, sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { grantable, roleName, roleWords } from "./roles.ts";

/** Invite links: made here, copied once, taken back while nobody used them. */
export function Invites() {
  const { company, role: own } = useCompany();
  const client = useQueryClient();
  const invites = useQuery(invitesQuery(company.id));
  const [role, setRole] = useState<Role>("member");
  const [link, setLink] = useState<string>();
  const create = useMutation({
    mutationFn: () => api.createInvite(company.id, role),
    onSuccess: (invite) => {
      setLink(invite.link);
      void client.invalidateQueries(invitesQuery(company.id));
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  return (
    <section aria-labelledby="invites">
      <div className="sec-head">
        <h2 id="invites">Invites</h2>
      </div>
      <form
        className="invite-form"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <SelectField
          label="Role of the one who joins"
          value={role}
          options={grantable(own)
            .filter((one) => one !== "owner")
            .map((one) => ({ value: one, label: `${roleName(one)}: ${roleWords(one)}` }))}
          onChange={setRole}
        />
        <Button kind="primary" type="submit" icon="link" busy={create.isPending}>
          Make an invite link
        </Button>
      </form>
      {link && <NewLink link={link} />}
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

function NewLink({ link }: { link: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      toast("info", "Copying is not allowed here. Select the link and copy it.");
    }
  };
  return (
    <div className="invite-link">
      <input className="input" readOnly value={link} aria-label="Invite link" onFocus={(event) => event.target.select()} />
      <Button icon={copied ? "check" : "copy"} onClick={() => void copy()}>
        {copied ? "Copied" : "Copy"}
      </Button>
      <p className="help">Send it to one person. It is shown once; whoever opens it can join.</p>
    </div>
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
  return (
    <li>
      <Icon name="link" className="dim" />
      <span className="grow">
        Invite for {invite.role === "admin" || invite.role === "operator" ? "an" : "a"} {invite.role}
      </span>
      <span className="dim num row-hint">expires in {until(invite.expiresAt, Date.now())}</span>
      <Button small busy={revoke.isPending} onClick={() => revoke.mutate()}>
        Take back
      </Button>
    </li>
  );
}

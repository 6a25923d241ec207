import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Role } from "../../../party/protocol/roles.ts";
import { Button } from "../../components/button.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { api } from "../../lib/api.ts";
import { invitesQuery, sentence } from "../../lib/queries.ts";
import { optionsQuery } from "../account/account-api.ts";
import { CopyLine } from "../account/copy-line.tsx";
import { useCompany } from "../shell/company-context.tsx";
import { QrCode } from "./qr-code.tsx";
import { grantable, roleName, roleWords } from "./roles.ts";

type Made = { link: string; email: string | null; mailed: boolean };

/** Makes an invite: for whoever has the link, or for one address, to which it is mailed where mail is on. */
export function NewInvite() {
  const { company, role: own } = useCompany();
  const client = useQueryClient();
  const options = useQuery(optionsQuery);
  const [role, setRole] = useState<Role>("member");
  const [email, setEmail] = useState("");
  const [made, setMade] = useState<Made>();
  const address = email.trim();
  const mail = options.data?.mail ?? false;
  const create = useMutation({
    mutationFn: () => api.createInvite(company.id, { role, ...(address !== "" && { email: address }) }),
    onSuccess: (invite) => {
      setMade(invite);
      setEmail("");
      return client.invalidateQueries(invitesQuery(company.id));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <>
      <form className="invite-form" onSubmit={submit}>
        <SelectField
          label="Role of the one who joins"
          value={role}
          options={grantable(own)
            .filter((one) => one !== "owner")
            .map((one) => ({ value: one, label: `${roleName(one)}: ${roleWords(one)}` }))}
          onChange={setRole}
        />
        <TextField
          label="Only for this address (optional)"
          type="email"
          autoComplete="off"
          placeholder={mail ? "The invite is mailed there" : "name@example.com"}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Button kind="primary" type="submit" icon={mail && address !== "" ? "plane" : "link"} busy={create.isPending}>
          {mail && address !== "" ? "Mail the invite" : "Make an invite link"}
        </Button>
      </form>
      {create.error && (
        <p className="help bad" role="alert">
          {sentence(create.error)}
        </p>
      )}
      {made && <NewLink made={made} />}
    </>
  );
}

function NewLink({ made }: { made: Made }) {
  return (
    <div className="invite-made">
      {made.mailed && <p role="status">The invite is on its way to {made.email}. You can also hand over the link yourself.</p>}
      <CopyLine label="Invite link" text={made.link} help={helpOf(made)} />
      <QrCode text={made.link} label="The invite link as a QR code" />
    </div>
  );
}

function helpOf({ email, mailed }: Made): string {
  if (email === null) return "Send it to one person, or let them scan the code. It is shown once; whoever opens it can join.";
  if (mailed) return `It is shown once, and lets ${email} in.`;
  return `This Atrium sends no mail: copy the link and send it to ${email}. It is shown once, and lets that address in.`;
}

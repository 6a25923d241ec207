import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { AccountPage } from "../features/account/account-page.tsx";
import { api } from "../lib/api.ts";
import { companiesQuery, queryClient, sentence } from "../lib/queries.ts";

/** First run, and "New company" later: a name is all it takes; the agent Guide is there at once. */
export default function NewCompany() {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => api.createCompany({ name: name.trim() }),
    onSuccess: async (company) => {
      await queryClient.invalidateQueries(companiesQuery);
      await navigate({ to: "/c/$company", params: { company: company.id }, replace: true });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <AccountPage title="Name your place" lede="A company, a client or a household. You can have several.">
      <form onSubmit={submit} className="account-form">
        <TextField
          label="Name"
          name="company"
          autoComplete="organization"
          required
          maxLength={80}
          placeholder="Northwind Studio"
          value={name}
          onChange={(event) => setName(event.target.value)}
          help="An agent called Guide will be there already, on the built-in rehearsal model. No key is needed."
          error={create.error ? sentence(create.error) : undefined}
        />
        <Button kind="primary" type="submit" busy={create.isPending}>
          Open the Floor
        </Button>
      </form>
    </AccountPage>
  );
}

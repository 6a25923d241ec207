import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { toast } from "../../components/toast.tsx";
import type { User } from "../../lib/api.ts";
import { ApiError } from "../../lib/http.ts";
import { meQuery, sentence } from "../../lib/queries.ts";
import { accountApi } from "./account-api.ts";
import { Setting } from "./settings-frame.tsx";

/** The address: changed by a link to the new one where mail is on, by the password where it is not. */
export function EmailSetting({ me, hasPassword, mail }: { me: User; hasPassword: boolean; mail: boolean }) {
  const client = useQueryClient();
  const [email, setEmail] = useState(me.email);
  const [current, setCurrent] = useState("");
  const [sentTo, setSentTo] = useState<string>();
  const change = useMutation({
    mutationFn: () => accountApi.changeEmail({ email, ...(hasPassword && { currentPassword: current }) }),
    onSuccess: async (answer) => {
      setCurrent("");
      if (answer.kind === "confirm") return setSentTo(email);
      await client.invalidateQueries(meQuery);
      toast("done", "Your address was changed.");
    },
  });
  const { error } = change;
  const atPassword = error instanceof ApiError && error.field === "currentPassword";
  const changed = email.trim().toLowerCase() !== me.email;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Setting
      title="Address"
      about={mail ? "You sign in with it. A new one counts once you used the link that is mailed to it." : "You sign in with it."}
    >
      <form onSubmit={submit} className="set-form">
        <TextField
          label="Email"
          type="email"
          autoComplete="email"
          required
          value={email}
          onChange={(event) => {
            setEmail(event.target.value);
            setSentTo(undefined);
          }}
          error={error && !atPassword ? sentence(error) : undefined}
        />
        {changed && hasPassword && sentTo === undefined && (
          <TextField
            label="Current password"
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
            error={atPassword ? sentence(error) : undefined}
          />
        )}
        {sentTo === undefined ? (
          changed && (
            <Button type="submit" busy={change.isPending}>
              {mail ? "Send the link" : "Change the address"}
            </Button>
          )
        ) : (
          <p className="set-said" role="status">
            A link is on its way to {sentTo}. Open it within half an hour; until then {me.email} stays your address.
          </p>
        )}
      </form>
    </Setting>
  );
}

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { api } from "../../lib/api.ts";
import { ApiError } from "../../lib/http.ts";
import { sentence } from "../../lib/queries.ts";
import { zoneHere } from "./account-api.ts";
import { PASSWORD_HELP, PASSWORD_MIN } from "./password.ts";

const FIELDS = ["name", "email", "password"] as const;

/** A new account. An invite for one address fixes the address. */
export function SignUpForm({
  invite,
  email: fixed,
  onDone,
}: {
  invite: string;
  email: string | undefined;
  onDone: () => Promise<void>;
}) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState(fixed ?? "");
  const [password, setPassword] = useState("");
  const signUp = useMutation({
    mutationFn: () => api.signUp({ name, email, password, invite, timezone: zoneHere() }),
    onSuccess: onDone,
  });
  const { error } = signUp;
  const wrong = (field: string): string | undefined =>
    error instanceof ApiError && error.field === field ? error.message : undefined;
  const general = error && !FIELDS.some(wrong) ? sentence(error) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signUp.mutate();
  };
  return (
    <form onSubmit={submit} className="account-form">
      <TextField
        label="Your name"
        name="name"
        autoComplete="name"
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={wrong("name")}
      />
      <TextField
        label="Email"
        type="email"
        name="email"
        autoComplete="username"
        required
        readOnly={fixed !== undefined}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={wrong("email")}
      />
      <TextField
        label="Password"
        type="password"
        name="password"
        autoComplete="new-password"
        required
        minLength={PASSWORD_MIN}
        help={PASSWORD_HELP}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={wrong("password") ?? general}
      />
      <Button kind="primary" type="submit" busy={signUp.isPending}>
        Make account
      </Button>
    </form>
  );
}

import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { AccountPage } from "../features/account/account-page.tsx";
import { api } from "../lib/api.ts";
import { queryClient, sentence } from "../lib/queries.ts";

/** Only paths of this site: a link may not send a person elsewhere after the sign-in. */
function localPath(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}

export default function SignIn() {
  const { next } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => api.signIn({ email, password }),
    onSuccess: async () => {
      queryClient.clear();
      await router.invalidate();
      await navigate({ href: localPath(next), replace: true });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <AccountPage
      title="Sign in"
      lede="Your agents kept working."
      foot={
        <>
          New here? You need an invite: open its link, or ask someone in your company. <Link to="/join">I have an invite</Link>
        </>
      }
    >
      <form onSubmit={submit} className="account-form">
        <TextField
          label="Email"
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label="Password"
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={signIn.error ? sentence(signIn.error) : undefined}
        />
        <Button kind="primary" type="submit" busy={signIn.isPending}>
          Sign in
        </Button>
      </form>
    </AccountPage>
  );
}

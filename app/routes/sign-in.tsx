import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { AccountPage } from "../features/account/account-page.tsx";
import { ProblemNote } from "../features/account/problem-note.tsx";
import { ProviderButtons } from "../features/account/provider-buttons.tsx";
import { isCancelled, passkeysPossible, passkeyWords, usePasskeySignIn } from "../features/account/use-passkey.ts";
import { api } from "../lib/api.ts";
import { queryClient, sentence } from "../lib/queries.ts";

/** Only paths of this site: a link may not send a person elsewhere after the sign-in. */
function localPath(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}

export default function SignIn() {
  const { next, problem, provider } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const goOn = async (): Promise<void> => {
    queryClient.clear();
    await router.invalidate();
    await navigate({ href: localPath(next), replace: true });
  };
  const signIn = useMutation({ mutationFn: () => api.signIn({ email, password }), onSuccess: goOn });
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
      {problem && <ProblemNote code={problem} provider={provider} />}
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
        <p className="account-forgot">
          <Link to="/reset">Forgot it?</Link>
        </p>
        <Button kind="primary" type="submit" busy={signIn.isPending}>
          Sign in
        </Button>
      </form>
      <div className="account-more">
        {passkeysPossible() && <PasskeyButton onDone={goOn} />}
        <ProviderButtons next={localPath(next)} />
      </div>
    </AccountPage>
  );
}

function PasskeyButton({ onDone }: { onDone: () => Promise<void> }) {
  const passkey = usePasskeySignIn(onDone);
  const { error } = passkey;
  return (
    <>
      <Button icon="lock" busy={passkey.isPending} onClick={() => passkey.mutate()}>
        Sign in with a passkey
      </Button>
      {error && !isCancelled(error) && (
        <p className="help bad" role="alert">
          {passkeyWords(error) ?? sentence(error)}
        </p>
      )}
    </>
  );
}

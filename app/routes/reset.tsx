import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { LogSkeleton, Note } from "../components/states.tsx";
import { accountApi, optionsQuery } from "../features/account/account-api.ts";
import { AccountPage } from "../features/account/account-page.tsx";
import { PASSWORD_HELP, PASSWORD_MIN } from "../features/account/password.ts";
import { useLinkToken } from "../features/account/use-link-token.ts";
import { queryClient, sentence } from "../lib/queries.ts";
import { useTitle } from "../lib/title.ts";

/** A lost password: asking for a link, or setting a new one with it. */
export default function Reset() {
  const token = useLinkToken();
  return token === undefined ? <AskForLink /> : <NewPassword token={token} />;
}

const BACK = <Link to="/sign-in">Back to sign-in</Link>;

function AskForLink() {
  const options = useQuery(optionsQuery);
  const [email, setEmail] = useState("");
  const ask = useMutation({ mutationFn: () => accountApi.askReset(email.trim()) });
  if (options.isPending) return <LogSkeleton />;
  if (options.data?.mail === false) {
    return (
      <AccountPage
        title="A new password"
        lede="This Atrium sends no mail. Ask its owner for a reset link: they make one under Instance. Whoever runs the server can do it with this command."
        foot={BACK}
      >
        <pre className="account-code">npm run atrium -- user reset-password you@example.com</pre>
      </AccountPage>
    );
  }
  if (ask.isSuccess) {
    return (
      <AccountPage
        title="Look into your mailbox"
        lede={`If ${email.trim()} has an account here, a link is on its way. It works once, for ${ask.data.minutes} minutes.`}
        foot={
          <>
            Nothing came? Look under spam, check the address, or{" "}
            <button type="button" className="link" onClick={() => ask.reset()}>
              ask once more
            </button>
            . {BACK}
          </>
        }
      >
        {null}
      </AccountPage>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <AccountPage title="A new password" lede="A link that sets it is mailed to you." foot={BACK}>
      <form onSubmit={submit} className="account-form">
        <TextField
          label="Email"
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={ask.error ? sentence(ask.error) : undefined}
        />
        <Button kind="primary" type="submit" busy={ask.isPending}>
          Send the link
        </Button>
      </form>
    </AccountPage>
  );
}

function NewPassword({ token }: { token: string }) {
  const navigate = useNavigate();
  const router = useRouter();
  const [password, setPassword] = useState("");
  const target = useQuery({
    queryKey: ["reset", token],
    queryFn: () => accountApi.previewReset(token),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const set = useMutation({
    mutationFn: () => accountApi.reset(token, password),
    onSuccess: async () => {
      queryClient.clear();
      await router.invalidate();
      await navigate({ to: "/", replace: true });
    },
  });
  if (target.isPending) return <LogSkeleton />;
  if (target.isError) return <Unusable error={target.error} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    set.mutate();
  };
  return (
    <AccountPage
      title="Choose a new password"
      lede={`For ${target.data.email}. Every device that is signed in will be signed out.`}
      foot={BACK}
    >
      <form onSubmit={submit} className="account-form">
        <input type="hidden" name="email" autoComplete="username" value={target.data.email} />
        <TextField
          label="New password"
          type="password"
          name="password"
          autoComplete="new-password"
          required
          minLength={PASSWORD_MIN}
          help={PASSWORD_HELP}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={set.error ? sentence(set.error) : undefined}
        />
        <Button kind="primary" type="submit" busy={set.isPending}>
          Set password
        </Button>
      </form>
    </AccountPage>
  );
}

const UNUSABLE = "This link cannot be used";

function Unusable({ error }: { error: Error }) {
  useTitle(UNUSABLE);
  return (
    <main className="center-page">
      <Note
        kind="fail"
        icon="link"
        title={UNUSABLE}
        action={
          // A fresh load: this page holds the token that is of no use.
          <a className="btn" href="/reset">
            Ask for a new one
          </a>
        }
      >
        {sentence(error)}
      </Note>
    </main>
  );
}

import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { LogSkeleton, Note } from "../components/states.tsx";
import { AccountPage } from "../features/account/account-page.tsx";
import { ProblemNote } from "../features/account/problem-note.tsx";
import { ProviderButtons } from "../features/account/provider-buttons.tsx";
import { SignUpForm } from "../features/account/sign-up-form.tsx";
import { api, type Invitation, type User } from "../lib/api.ts";
import { ApiError } from "../lib/http.ts";
import { meQuery, queryClient, sentence } from "../lib/queries.ts";
import { useTitle } from "../lib/title.ts";

/** An invite link, or the first-owner link that the terminal prints on an empty instance. */
export default function Join() {
  const { invite } = useSearch({ from: "/join" });
  return invite ? <Invited token={invite} /> : <PasteInvite />;
}

function PasteInvite() {
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void navigate({ to: "/join", search: { invite: tokenOf(typed) } });
  };
  return (
    <AccountPage
      title="Join with an invite"
      lede="An invite link lets you in. Paste it here, or open it."
      foot={<Link to="/sign-in">Sign in instead</Link>}
    >
      <form onSubmit={submit} className="account-form">
        <TextField
          label="Invite"
          name="invite"
          autoComplete="off"
          required
          placeholder="Link or code"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button kind="primary" type="submit">
          Go on
        </Button>
      </form>
    </AccountPage>
  );
}

/** The token of a pasted link, or what was typed. */
function tokenOf(typed: string): string {
  const match = /[?&]invite=([^&#\s]+)/.exec(typed);
  return match?.[1] ? decodeURIComponent(match[1]) : typed.trim();
}

function Invited({ token }: { token: string }) {
  const { problem, provider } = useSearch({ from: "/join" });
  const invitation = useQuery({ queryKey: ["invitation", token], queryFn: () => api.previewInvite(token) });
  const me = useQuery({ ...meQuery, retry: false });
  if (invitation.isPending || me.isPending) return <LogSkeleton />;
  if (invitation.isError) return <Unusable error={invitation.error} onRetry={() => void invitation.refetch()} />;
  if (me.data && invitation.data.kind === "company") return <Accept token={token} invitation={invitation.data} me={me.data} />;
  const note = problem && <ProblemNote code={problem} provider={provider} />;
  return <MakeAccount token={token} invitation={invitation.data} note={note} />;
}

function Unusable({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const closed = error instanceof ApiError && (error.status === 404 || error.status === 410 || error.status === 400);
  const title = closed ? "This invite cannot be used" : "The invite could not be read";
  useTitle(title);
  return (
    <main className="center-page">
      <Note
        kind="fail"
        icon="link"
        title={title}
        action={
          closed ? (
            <Link className="btn" to="/sign-in">
              Sign in
            </Link>
          ) : (
            <Button onClick={onRetry}>Try again</Button>
          )
        }
      >
        {error instanceof ApiError && error.status === 400 ? "The link was cut short. Copy the whole of it." : sentence(error)}
      </Note>
    </main>
  );
}

type CompanyInvitation = Extract<Invitation, { kind: "company" }>;

function article(role: string): string {
  return /^[aeiou]/.test(role) ? "an" : "a";
}

function Accept({ token, invitation, me }: { token: string; invitation: CompanyInvitation; me: User }) {
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: () => api.acceptInvite(token),
    onSuccess: async ({ companyId }) => {
      queryClient.clear();
      await navigate({ to: "/c/$company", params: { company: companyId }, replace: true });
    },
  });
  return (
    <AccountPage
      title={`Join ${invitation.company}`}
      lede={`${invitation.invitedBy} invites you as ${article(invitation.role)} ${invitation.role}. You are signed in as ${me.name}.`}
      foot={<Link to="/">Not now</Link>}
    >
      <div className="account-form">
        {accept.error && (
          <p className="help bad" role="alert">
            {sentence(accept.error)}
          </p>
        )}
        <Button kind="primary" busy={accept.isPending} onClick={() => accept.mutate()}>
          Join
        </Button>
      </div>
    </AccountPage>
  );
}

function MakeAccount({ token, invitation, note }: { token: string; invitation: Invitation; note: ReactNode }) {
  const navigate = useNavigate();
  const router = useRouter();
  const owner = invitation.kind === "owner";
  return (
    <AccountPage
      title={owner ? "Set up Atrium" : `Join ${invitation.company}`}
      lede={
        owner
          ? "You are the first one here. This account owns the instance and invites the others."
          : `${invitation.invitedBy} invites you as ${article(invitation.role)} ${invitation.role}. Make your account to go in.`
      }
      foot={
        <>
          Have an account?{" "}
          <Link to="/sign-in" search={{ next: `/join?invite=${encodeURIComponent(token)}` }}>
            Sign in and join with it
          </Link>
        </>
      }
    >
      {note}
      <SignUpForm
        invite={token}
        email={invitation.kind === "company" ? (invitation.email ?? undefined) : undefined}
        onDone={async () => {
          queryClient.clear();
          await router.invalidate();
          await navigate({ to: "/", replace: true });
        }}
      />
      <div className="account-more">
        <ProviderButtons invite={token} />
      </div>
    </AccountPage>
  );
}

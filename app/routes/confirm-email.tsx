import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "../components/button.tsx";
import { accountApi } from "../features/account/account-api.ts";
import { AccountPage } from "../features/account/account-page.tsx";
import { useLinkToken } from "../features/account/use-link-token.ts";
import { meQuery, queryClient, sentence } from "../lib/queries.ts";

/** Where the link in the mail to a new address leads. A button does it: programs that look at mails open links, too. */
export default function ConfirmEmail() {
  const token = useLinkToken();
  const confirm = useMutation({
    mutationFn: () => accountApi.confirmEmail(token ?? ""),
    onSuccess: () => queryClient.invalidateQueries(meQuery),
  });
  if (confirm.isSuccess) {
    return (
      <AccountPage
        title="Your address is changed"
        lede={`From now on you sign in as ${confirm.data.email}.`}
        foot={<Link to="/">Go to work</Link>}
      >
        {null}
      </AccountPage>
    );
  }
  return (
    <AccountPage
      title="Confirm your address"
      lede="This makes the address that the mail came to the one of your account."
      foot={<Link to="/">Not now</Link>}
    >
      <div className="account-form">
        {(confirm.error || token === undefined) && (
          <p className="help bad" role="alert">
            {confirm.error ? sentence(confirm.error) : "The link was cut short. Copy the whole of it from the mail."}
          </p>
        )}
        <Button
          kind="primary"
          busy={confirm.isPending}
          disabledBecause={token === undefined ? "The link was cut short" : undefined}
          onClick={() => confirm.mutate()}
        >
          Use this address
        </Button>
      </div>
    </AccountPage>
  );
}

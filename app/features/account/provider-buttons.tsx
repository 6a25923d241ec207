import { useMutation, useQuery } from "@tanstack/react-query";
import { Button } from "../../components/button.tsx";
import { sentence } from "../../lib/queries.ts";
import { accountApi, optionsQuery, PROVIDER_NAMES, type Provider, zoneHere } from "./account-api.ts";

/** "Continue with …" for every provider that is set up; nothing where none is. */
export function ProviderButtons({ invite, next }: { invite?: string; next?: string }) {
  const options = useQuery(optionsQuery);
  return options.data?.providers.map((provider) => (
    <ProviderButton key={provider} provider={provider} invite={invite} next={next} />
  ));
}

function ProviderButton({
  provider,
  invite,
  next,
}: {
  provider: Provider;
  invite: string | undefined;
  next: string | undefined;
}) {
  const start = useMutation({
    mutationFn: () =>
      accountApi.startProvider(provider, { timezone: zoneHere(), ...(invite && { invite }), ...(next && { next }) }),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  return (
    <>
      <Button busy={start.isPending || start.isSuccess} onClick={() => start.mutate()}>
        Continue with {PROVIDER_NAMES[provider]}
      </Button>
      {start.error && (
        <p className="help bad" role="alert">
          {sentence(start.error)}
        </p>
      )}
    </>
  );
}

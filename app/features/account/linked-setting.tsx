import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { toast } from "../../components/toast.tsx";
import { ago } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { accountApi, type Linked, PROVIDER_NAMES, type Provider, waysInQuery } from "./account-api.ts";
import { Setting } from "./settings-frame.tsx";

/** Accounts at providers that open this one. Absent where no provider is set up and none was linked. */
export function LinkedSetting({ linked, providers }: { linked: readonly Linked[]; providers: readonly Provider[] }) {
  const open = providers.filter((provider) => !linked.some((one) => one.provider === provider));
  if (linked.length === 0 && open.length === 0) return null;
  return (
    <Setting title="Linked sign-ins" about="Accounts elsewhere that open this one. What counts is that account, not its address.">
      {linked.length > 0 && (
        <ul className="rows">
          {linked.map((one) => (
            <LinkedRow key={one.id} linked={one} />
          ))}
        </ul>
      )}
      <div className="btns">
        {open.map((provider) => (
          <LinkButton key={provider} provider={provider} />
        ))}
      </div>
    </Setting>
  );
}

function LinkedRow({ linked }: { linked: Linked }) {
  const client = useQueryClient();
  const name = PROVIDER_NAMES[linked.provider];
  const remove = useMutation({
    mutationFn: () => accountApi.unlink(linked.id),
    onSuccess: () => client.invalidateQueries(waysInQuery),
    onError: (error) => toast("fail", sentence(error)),
  });
  return (
    <li>
      <Icon name="link" className="dim" />
      <span className="who">
        <b>{name}</b>
        <span>
          {[linked.email, linked.lastUsedAt && `used ${ago(linked.lastUsedAt, Date.now())} ago`].filter(Boolean).join(", ")}
        </span>
      </span>
      <Button small busy={remove.isPending} aria-label={`Remove ${name}`} onClick={() => remove.mutate()}>
        Remove
      </Button>
    </li>
  );
}

function LinkButton({ provider }: { provider: Provider }) {
  const start = useMutation({
    mutationFn: () => accountApi.startLink(provider),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error) => toast("fail", sentence(error)),
  });
  return (
    <Button icon="link" busy={start.isPending} onClick={() => start.mutate()}>
      Link {PROVIDER_NAMES[provider]}
    </Button>
  );
}

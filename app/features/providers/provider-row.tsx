import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Menu } from "../../components/menu.tsx";
import { Status } from "../../components/status.tsx";
import { when } from "../../lib/format.ts";
import { ChangeProvider } from "./change-provider.tsx";
import type { Provider } from "./provider-api.ts";
import { RemoveProvider } from "./remove-provider.tsx";
import { useTest, useTesting } from "./use-test.ts";
import { PROTOCOL_NAMES, providerStatus } from "./words.ts";

/** names of agents said in a row */
const NAMED_USERS = 3;
/** as many models are shown without being asked for */
const FEW_MODELS = 12;
/** what another key puts right */
const KEY_TROUBLE: ReadonlySet<Provider["status"]> = new Set(["wrong_key", "revoked", "sealed"]);

/** One provider: what it is, how the last test went in a sentence, who uses it. */
export function ProviderRow({ provider, admin }: { provider: Provider; admin: boolean }) {
  const [open, setOpen] = useState<"change" | "remove">();
  const tester = useTest();
  const testing = useTesting(provider.id);
  return (
    <li className="provider" aria-labelledby={`name-${provider.id}`}>
      <div className="provider-line">
        <span className="who">
          <b id={`name-${provider.id}`}>{provider.name}</b>
          <span>{facts(provider)}</span>
        </span>
        {testing ? <Status kind="live" word="Testing" /> : <Status {...providerStatus(provider)} />}
        {admin && (
          <span className="btns">
            {KEY_TROUBLE.has(provider.status) && (
              <Button small onClick={() => setOpen("change")}>
                Paste another key
              </Button>
            )}
            <Button small busy={testing} onClick={() => tester.mutate(provider.id)}>
              Test
            </Button>
            <Menu
              align="end"
              trigger={
                <button type="button" className="btn icon ghost" aria-label={`More about ${provider.name}`}>
                  <Icon name="more" />
                </button>
              }
              entries={[
                {
                  kind: "action",
                  id: "change",
                  icon: "edit",
                  label: "Change or replace the key",
                  onSelect: () => setOpen("change"),
                },
                { kind: "line", id: "line" },
                { kind: "action", id: "remove", icon: "x", label: "Remove", danger: true, onSelect: () => setOpen("remove") },
              ]}
            />
          </span>
        )}
      </div>
      <p className={providerStatus(provider).kind === "fail" ? "help bad" : "help"} role="status">
        {testing ? "Asking for its models." : provider.message}
        {provider.checkedAt && !testing && <span className="dim num"> Tested {when(provider.checkedAt, Date.now())}.</span>}
      </p>
      {provider.models.length > 0 && (
        <details className="provider-models" open={provider.models.length <= FEW_MODELS}>
          <summary>
            <Icon name="right" className="chev" />
            Models
          </summary>
          <ul>
            {provider.models.map((model) => (
              <li key={model}>
                <code>{model}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
      <ChangeProvider provider={provider} open={open === "change"} onClose={() => setOpen(undefined)} />
      <RemoveProvider provider={provider} open={open === "remove"} onClose={() => setOpen(undefined)} />
    </li>
  );
}

function facts({ kind, name, baseUrl, hasKey, keyHint, usedBy }: Provider): string {
  const parts = [
    name === PROTOCOL_NAMES[kind] ? undefined : PROTOCOL_NAMES[kind],
    baseUrl ?? undefined,
    hasKey ? `key${keyHint ? ` …${keyHint}` : ""}` : "no key",
    usedWords(usedBy.map((agent) => agent.name)),
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function usedWords(names: readonly string[]): string {
  if (names.length === 0) return "used by nobody";
  const more = names.length - NAMED_USERS;
  return `used by ${names.slice(0, NAMED_USERS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

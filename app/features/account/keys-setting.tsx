import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { Icon } from "../../components/icon.tsx";
import { toast } from "../../components/toast.tsx";
import { ago } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { type ApiKey, accountApi, keysQuery } from "./account-api.ts";
import { CopyLine } from "./copy-line.tsx";
import { Setting } from "./settings-frame.tsx";

/** Keys with which scripts do what this person may do. */
export function KeysSetting() {
  const client = useQueryClient();
  const keys = useQuery(keysQuery);
  const [name, setName] = useState("");
  const [made, setMade] = useState<string>();
  const create = useMutation({
    mutationFn: () => accountApi.createKey(name.trim()),
    onSuccess: ({ key }) => {
      setMade(key);
      setName("");
      return client.invalidateQueries(keysQuery);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Setting
      title="API keys"
      about={
        <>
          For scripts. A key may do what you may do, but not manage your account. The interface is described at{" "}
          <a href="/api/openapi.json">/api/openapi.json</a>.
        </>
      }
    >
      {keys.data && keys.data.length > 0 && (
        <ul className="rows">
          {keys.data.map((key) => (
            <KeyRow key={key.id} apiKey={key} />
          ))}
        </ul>
      )}
      {made && <CopyLine label="New API key" text={made} help="Copy it now: it is shown this once and kept as a hash only." />}
      <form onSubmit={submit} className="set-line">
        <TextField
          label="What the key is for"
          required
          maxLength={80}
          autoComplete="off"
          placeholder="Nightly report"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={create.error ? sentence(create.error) : undefined}
        />
        <Button type="submit" busy={create.isPending}>
          Make key
        </Button>
      </form>
    </Setting>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => accountApi.revokeKey(apiKey.id),
    onSuccess: () => client.invalidateQueries(keysQuery),
    onError: (error) => toast("fail", sentence(error)),
  });
  const used = apiKey.lastUsedAt === null ? "never used" : `used ${ago(apiKey.lastUsedAt, Date.now())} ago`;
  return (
    <li>
      <Icon name="terminal" className="dim" />
      <span className="who">
        <b>{apiKey.name}</b>
        <span>
          <code>{apiKey.prefix}…</code>, {used}
        </span>
      </span>
      <Button small busy={revoke.isPending} aria-label={`Revoke ${apiKey.name}`} onClick={() => revoke.mutate()}>
        Revoke
      </Button>
    </li>
  );
}

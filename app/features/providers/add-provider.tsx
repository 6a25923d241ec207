import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { cleanKey, type Protocol, recogniseKey } from "../../../party/protocol/provider-key.ts";
import { Button } from "../../components/button.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { ApiError } from "../../lib/http.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { providerApi } from "./provider-api.ts";
import { refreshModels, useTest } from "./use-test.ts";
import { PROTOCOL_NAMES } from "./words.ts";

const PROTOCOLS: readonly Protocol[] = ["anthropic", "gemini", "openai"];

/** Paste a key, press once: the key is sealed, tried, and its models are shown. */
export function AddProvider() {
  const tester = useTest();
  const [added, setAdded] = useState(0);
  const done = (provider: string): void => {
    tester.mutate(provider);
    // A form of its own for the next key: nothing of this one is left in it.
    setAdded(added + 1);
  };
  return (
    <section aria-labelledby="add-provider">
      <div className="sec-head">
        <h2 id="add-provider">Add a key</h2>
      </div>
      <Form key={added} testing={tester.isPending} onAdded={done} />
    </section>
  );
}

function Form({ testing, onAdded }: { testing: boolean; onAdded: (provider: string) => void }) {
  const { company } = useCompany();
  const client = useQueryClient();
  const [pasted, setPasted] = useState("");
  const [chosen, setChosen] = useState<Protocol>();
  const [address, setAddress] = useState<string>();
  const [named, setNamed] = useState("");
  const clean = cleanKey(pasted);
  const known = clean.kind === "key" ? recogniseKey(clean.key) : undefined;
  const kind = chosen ?? known?.protocol ?? "anthropic";
  const home = kind === known?.protocol ? known.baseUrl : undefined;
  const add = useMutation({
    mutationFn: () =>
      providerApi.add(company.id, {
        kind,
        name: address === undefined && kind === known?.protocol ? known.name : undefined,
        baseUrl: address ?? home,
        key: pasted,
        named: namesIn(named),
      }),
    onSuccess: (provider) => {
      refreshModels(client, company.id);
      onAdded(provider.id);
    },
  });
  const wrong = (field: string): string | undefined =>
    add.error instanceof ApiError && add.error.field === field ? add.error.message : undefined;
  const general = add.error && !["key", "baseUrl"].some(wrong) ? sentence(add.error) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="key-form" onSubmit={submit}>
      <TextField
        label="Key"
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={pasted}
        placeholder="Paste it here"
        onChange={(event) => {
          setPasted(event.target.value);
          setChosen(undefined);
        }}
        help={keyHelp(clean.kind, known?.name)}
        error={wrong("key") ?? general}
      />
      <SelectField
        label="Provider"
        value={kind}
        options={PROTOCOLS.map((one) => ({ value: one, label: PROTOCOL_NAMES[one] }))}
        onChange={setChosen}
      />
      <Button kind="primary" type="submit" busy={add.isPending || testing}>
        Add and test
      </Button>
      <details className="key-more" open={wrong("baseUrl") !== undefined || undefined}>
        <summary>Own address</summary>
        <TextField
          label="Address"
          inputMode="url"
          autoComplete="off"
          value={address ?? home ?? ""}
          placeholder="https://gateway.example/v1"
          onChange={(event) => setAddress(event.target.value)}
          help="For a gateway or a server of your own. The key is sent there and nowhere else."
          error={wrong("baseUrl")}
        />
        <TextField
          label="Models"
          autoComplete="off"
          value={named}
          onChange={(event) => setNamed(event.target.value)}
          help="Only for an address that cannot list its models: their names, with commas between."
        />
      </details>
    </form>
  );
}

function keyHelp(kind: ReturnType<typeof cleanKey>["kind"], name: string | undefined): string {
  if (kind === "unreadable") return "This does not look like a key: it has characters that no key has.";
  if (name !== undefined) return `A key of ${name}.`;
  return "It is sealed on this server and shown to nobody again, not even to you.";
}

export function namesIn(text: string): string[] {
  return text
    .split(/[,\s]+/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

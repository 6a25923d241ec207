import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { ApiError } from "../../lib/http.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { namesIn } from "./add-provider.tsx";
import { type Provider, providerApi } from "./provider-api.ts";
import { refreshModels, useTest } from "./use-test.ts";

interface Props {
  provider: Provider;
  open: boolean;
  onClose: () => void;
}

/** Another key, another address: the stored key cannot be read back, so it is pasted anew. */
export function ChangeProvider(props: Props) {
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={`Change ${props.provider.name}`}
      description="A new key counts from the next run of each agent on."
    >
      <Form {...props} />
    </Dialog>
  );
}

function Form({ provider, onClose }: Props) {
  const { company } = useCompany();
  const client = useQueryClient();
  const tester = useTest();
  const [name, setName] = useState(provider.name);
  const [key, setKey] = useState("");
  const [address, setAddress] = useState(provider.baseUrl ?? "");
  const [named, setNamed] = useState(provider.named.join(", "));
  const change = useMutation({
    mutationFn: () =>
      providerApi.change(company.id, provider.id, {
        version: provider.version,
        ...(name.trim() !== provider.name && { name: name.trim() }),
        ...(key.trim() !== "" && { key }),
        ...(address !== (provider.baseUrl ?? "") && { baseUrl: address.trim() === "" ? null : address }),
        ...(named !== provider.named.join(", ") && { named: namesIn(named) }),
      }),
    onSuccess: () => {
      refreshModels(client, company.id);
      tester.mutate(provider.id);
      onClose();
    },
    // Of a conflict the newer version is fetched: pressed again, it is saved over that.
    onError: () => refreshModels(client, company.id),
  });
  const wrong = (field: string): string | undefined =>
    change.error instanceof ApiError && change.error.field === field ? change.error.message : undefined;
  const general = change.error && !["name", "key", "baseUrl"].some(wrong) ? sentence(change.error) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit}>
      <TextField
        label="Name"
        required
        maxLength={60}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={wrong("name")}
      />
      <TextField
        label="New key"
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={key}
        placeholder={provider.keyHint ? `Now …${provider.keyHint}` : undefined}
        onChange={(event) => setKey(event.target.value)}
        help={provider.hasKey ? "Leave it empty to keep the one that is there." : undefined}
        error={wrong("key") ?? general}
      />
      <TextField
        label="Address"
        inputMode="url"
        autoComplete="off"
        value={address}
        placeholder="The provider's own"
        onChange={(event) => setAddress(event.target.value)}
        error={wrong("baseUrl")}
      />
      <TextField
        label="Models"
        autoComplete="off"
        value={named}
        onChange={(event) => setNamed(event.target.value)}
        help="Only for an address that cannot list its models: their names, with commas between."
      />
      <div className="btns dialog-foot">
        <Button kind="primary" type="submit" busy={change.isPending}>
          Save and test
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

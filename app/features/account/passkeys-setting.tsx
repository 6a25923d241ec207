import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, IconButton } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { Icon } from "../../components/icon.tsx";
import { toast } from "../../components/toast.tsx";
import { ago } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { accountApi, type Passkey, waysInQuery } from "./account-api.ts";
import { deviceName } from "./device-name.ts";
import { Setting } from "./settings-frame.tsx";
import { addPasskey, isCancelled, passkeysPossible, passkeyWords } from "./use-passkey.ts";

/** Passkeys: add, name, remove. */
export function PasskeysSetting({ passkeys }: { passkeys: readonly Passkey[] }) {
  const [adding, setAdding] = useState(false);
  return (
    <Setting
      title="Passkeys"
      about="Sign in with the finger, the face or the PIN of a device instead of a password. Nothing that could be stolen leaves it."
    >
      {passkeys.length > 0 && (
        <ul className="rows">
          {passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      {adding ? (
        <NameForm
          label="Name of the passkey"
          start={deviceName(navigator.userAgent)}
          button="Make passkey"
          act={addPasskey}
          done="The passkey was added. You can sign in with it from now on."
          onClose={() => setAdding(false)}
        />
      ) : (
        <Button
          icon="plus"
          disabledBecause={passkeysPossible() ? undefined : "This browser knows no passkeys, or the address is not HTTPS"}
          onClick={() => setAdding(true)}
        >
          Add a passkey
        </Button>
      )}
    </Setting>
  );
}

function PasskeyRow({ passkey }: { passkey: Passkey }) {
  const client = useQueryClient();
  const [naming, setNaming] = useState(false);
  const remove = useMutation({
    mutationFn: () => accountApi.removePasskey(passkey.id),
    onSuccess: () => client.invalidateQueries(waysInQuery),
    onError: (error) => toast("fail", sentence(error)),
  });
  const used = passkey.lastUsedAt === null ? "never used" : `used ${ago(passkey.lastUsedAt, Date.now())} ago`;
  if (naming) {
    return (
      <li>
        <NameForm
          label={`New name of ${passkey.name}`}
          start={passkey.name}
          button="Rename"
          act={async (name) => void (await accountApi.renamePasskey(passkey.id, name))}
          done="Renamed."
          onClose={() => setNaming(false)}
        />
      </li>
    );
  }
  return (
    <li>
      <Icon name="lock" className="dim" />
      <span className="who">
        <b>{passkey.name}</b>
        <span>{[passkey.synced ? "synced between your devices" : "on one device", used].join(", ")}</span>
      </span>
      <IconButton icon="edit" label={`Rename ${passkey.name}`} onClick={() => setNaming(true)} />
      <Button small busy={remove.isPending} aria-label={`Remove ${passkey.name}`} onClick={() => remove.mutate()}>
        Remove
      </Button>
    </li>
  );
}

/** Asks for a name and does something with it. */
function NameForm({
  label,
  start,
  button,
  act,
  done,
  onClose,
}: {
  label: string;
  start: string;
  button: string;
  act: (name: string) => Promise<void>;
  done: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState(start);
  const save = useMutation({
    mutationFn: () => act(name.trim()),
    onSuccess: async () => {
      await client.invalidateQueries(waysInQuery);
      toast("done", done);
      onClose();
    },
  });
  const failed = save.error && !isCancelled(save.error) ? (passkeyWords(save.error) ?? sentence(save.error)) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="set-form grow">
      <TextField
        label={label}
        required
        maxLength={60}
        autoComplete="off"
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={failed}
      />
      <div className="btns">
        <Button kind="primary" type="submit" busy={save.isPending}>
          {button}
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { toast } from "../../components/toast.tsx";
import type { User } from "../../lib/api.ts";
import { meQuery, sentence } from "../../lib/queries.ts";
import { accountApi, zoneHere } from "./account-api.ts";
import { Setting } from "./settings-frame.tsx";

/** Name and time zone. */
export function ProfileSetting({ me }: { me: User }) {
  const client = useQueryClient();
  const [name, setName] = useState(me.name);
  const [timezone, setTimezone] = useState(me.timezone);
  const save = useMutation({
    mutationFn: () => accountApi.update({ name: name.trim(), timezone }),
    onSuccess: async () => {
      await client.invalidateQueries(meQuery);
      toast("done", "Saved.");
    },
  });
  const here = zoneHere();
  const changed = name.trim() !== me.name || timezone !== me.timezone;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Setting title="You" about="Your name as everybody sees it. Quiet hours and mails follow your time zone.">
      <form onSubmit={submit} className="set-form">
        <TextField
          label="Name"
          autoComplete="name"
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={save.error ? sentence(save.error) : undefined}
        />
        <SelectField
          label="Time zone"
          value={timezone}
          options={zonesWith(me.timezone, here).map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }))}
          onChange={setTimezone}
          help={
            here === timezone ? undefined : (
              <button type="button" className="link" onClick={() => setTimezone(here)}>
                Take this device's, {here.replaceAll("_", " ")}
              </button>
            )
          }
        />
        <Button type="submit" busy={save.isPending} disabledBecause={changed ? undefined : "Nothing is changed"}>
          Save
        </Button>
      </form>
    </Setting>
  );
}

/** Every zone the browser knows. It may leave out the one that was stored, and UTC. */
function zonesWith(...more: string[]): string[] {
  return [...new Set(["UTC", ...more, ...Intl.supportedValuesOf("timeZone")])].sort();
}

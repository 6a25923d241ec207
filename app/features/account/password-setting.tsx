import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { toast } from "../../components/toast.tsx";
import { ApiError } from "../../lib/http.ts";
import { sentence } from "../../lib/queries.ts";
import { accountApi, devicesQuery, waysInQuery } from "./account-api.ts";
import { PASSWORD_HELP, PASSWORD_MIN } from "./password.ts";
import { Setting } from "./settings-frame.tsx";

/** A new password, or the first one of somebody who came with a provider. */
export function PasswordSetting({ hasPassword }: { hasPassword: boolean }) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [endOthers, setEndOthers] = useState(true);
  const save = useMutation({
    mutationFn: () =>
      accountApi.changePassword({ password, keepOthers: !endOthers, ...(hasPassword && { currentPassword: current }) }),
    onSuccess: async () => {
      setOpen(false);
      setCurrent("");
      setPassword("");
      toast("done", endOthers ? "The password is changed; other devices are signed out." : "The password is changed.");
      await Promise.all([client.invalidateQueries(waysInQuery), client.invalidateQueries(devicesQuery)]);
    },
  });
  const { error } = save;
  const atCurrent = error instanceof ApiError && error.field === "currentPassword";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Setting
      title="Password"
      about={
        hasPassword ? "Kept as a hash that takes long to guess." : "You have none: you sign in with a passkey or a provider."
      }
    >
      {open ? (
        <form onSubmit={submit} className="set-form">
          {hasPassword && (
            <TextField
              label="Current password"
              type="password"
              autoComplete="current-password"
              required
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
              error={atCurrent ? sentence(error) : undefined}
            />
          )}
          <TextField
            label="New password"
            type="password"
            autoComplete="new-password"
            required
            minLength={PASSWORD_MIN}
            help={PASSWORD_HELP}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            error={error && !atCurrent ? sentence(error) : undefined}
          />
          <label className="set-check">
            <input type="checkbox" checked={endOthers} onChange={(event) => setEndOthers(event.target.checked)} />
            Sign out my other devices
          </label>
          <div className="btns">
            <Button kind="primary" type="submit" busy={save.isPending}>
              Set password
            </Button>
            <Button kind="ghost" onClick={() => setOpen(false)}>
              Cancel
            </Button>
          </div>
        </form>
      ) : (
        <Button onClick={() => setOpen(true)}>{hasPassword ? "Change password" : "Set a password"}</Button>
      )}
    </Setting>
  );
}

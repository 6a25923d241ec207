import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { Button } from "../components/button.tsx";
import { LogSkeleton, Note } from "../components/states.tsx";
import { toast } from "../components/toast.tsx";
import { optionsQuery, PROVIDER_NAMES, waysInQuery } from "../features/account/account-api.ts";
import { DevicesSetting } from "../features/account/devices-setting.tsx";
import { EmailSetting } from "../features/account/email-setting.tsx";
import { KeysSetting } from "../features/account/keys-setting.tsx";
import { LinkedSetting } from "../features/account/linked-setting.tsx";
import { LookSetting } from "../features/account/look-setting.tsx";
import { PasskeysSetting } from "../features/account/passkeys-setting.tsx";
import { PasswordSetting } from "../features/account/password-setting.tsx";
import { ProblemNote } from "../features/account/problem-note.tsx";
import { ProfileSetting } from "../features/account/profile-setting.tsx";
import { SettingsFrame } from "../features/account/settings-frame.tsx";
import { meQuery, sentence } from "../lib/queries.ts";

/** One's own account: who one is, how one gets in, where one is signed in. */
export default function Account() {
  const { problem, provider, linked } = useSearch({ from: "/account" });
  const navigate = useNavigate();
  const me = useQuery(meQuery);
  const ways = useQuery(waysInQuery);
  const options = useQuery(optionsQuery);
  useEffect(() => {
    if (linked === undefined) return;
    toast(
      "done",
      `${linked === "google" || linked === "microsoft" ? PROVIDER_NAMES[linked] : "It"} is linked. You can sign in with it from now on.`,
    );
    // Loaded again, the page must not say it again.
    void navigate({ to: "/account", replace: true });
  }, [linked, navigate]);
  const failed = me.error ?? ways.error ?? options.error;
  return (
    <SettingsFrame title="Account" lede={me.data ? `Signed in as ${me.data.email}.` : "Who you are here."}>
      {problem && <ProblemNote code={problem} provider={provider} />}
      {failed && (
        <Note
          kind="fail"
          icon="warn"
          title="Your account could not be read"
          action={<Button onClick={() => void Promise.all([me.refetch(), ways.refetch(), options.refetch()])}>Try again</Button>}
        >
          {sentence(failed)}
        </Note>
      )}
      {me.data && ways.data && options.data ? (
        <>
          <ProfileSetting me={me.data} />
          <EmailSetting me={me.data} hasPassword={ways.data.password} mail={options.data.mail} />
          <PasswordSetting hasPassword={ways.data.password} />
          <PasskeysSetting passkeys={ways.data.passkeys} />
          <LinkedSetting linked={ways.data.linked} providers={options.data.providers} />
          <DevicesSetting />
          <KeysSetting />
          <LookSetting />
        </>
      ) : (
        !failed && <LogSkeleton />
      )}
    </SettingsFrame>
  );
}

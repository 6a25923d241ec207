import { useQuery } from "@tanstack/react-query";
import { Button } from "../components/button.tsx";
import { LogSkeleton, Note } from "../components/states.tsx";
import { SettingsFrame } from "../features/account/settings-frame.tsx";
import { CompaniesSetting } from "../features/instance/companies-setting.tsx";
import { statusQuery } from "../features/instance/instance-api.ts";
import { LogsSetting } from "../features/instance/logs-setting.tsx";
import { PeopleSetting } from "../features/instance/people-setting.tsx";
import { RunnersSetting } from "../features/instance/runners-setting.tsx";
import { StatusSetting } from "../features/instance/status-setting.tsx";
import { meQuery, sentence } from "../lib/queries.ts";

/** The installation, for its owners. */
export default function Instance() {
  const me = useQuery(meQuery);
  const owner = me.data?.instanceOwner ? me.data : undefined;
  const status = useQuery({ ...statusQuery, enabled: owner !== undefined });
  return (
    <SettingsFrame title="Instance" lede="This Atrium as a whole: its people, its companies, how it runs.">
      {me.data && !owner && (
        <Note kind="idle" icon="lock" title="This page is for the owners of the instance">
          Whoever set it up can make you one of them.
        </Note>
      )}
      {status.isError && (
        <Note
          kind="fail"
          icon="warn"
          title="The instance could not be looked at"
          action={<Button onClick={() => void status.refetch()}>Try again</Button>}
        >
          {sentence(status.error)}
        </Note>
      )}
      {owner && (
        <>
          {status.data ? <StatusSetting status={status.data} /> : !status.isError && <LogSkeleton />}
          <PeopleSetting me={owner.id} />
          <CompaniesSetting />
          <RunnersSetting />
          <LogsSetting />
        </>
      )}
    </SettingsFrame>
  );
}

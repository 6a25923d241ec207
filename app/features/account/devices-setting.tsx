import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { ago, plural } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { accountApi, type Device, devicesQuery } from "./account-api.ts";
import { deviceName, isPhone } from "./device-name.ts";
import { Setting } from "./settings-frame.tsx";

/** Where the person is signed in, and the way to end it there. */
export function DevicesSetting() {
  const client = useQueryClient();
  const devices = useQuery(devicesQuery);
  const endOthers = useMutation({
    mutationFn: accountApi.signOutOthers,
    onSuccess: ({ ended }) => {
      toast("done", `${plural(ended, "device was", "devices were")} signed out.`);
      return client.invalidateQueries(devicesQuery);
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  const others = (devices.data ?? []).filter(({ current }) => !current);
  return (
    <Setting
      title="Devices"
      about="Where you are signed in. Only the network an address belongs to is kept, never the whole of it."
    >
      {devices.isPending && <LogSkeleton />}
      {devices.isError && (
        <Note kind="fail" icon="warn" title="The devices could not be read">
          {sentence(devices.error)}
        </Note>
      )}
      <ul className="rows">
        {devices.data?.map((device) => (
          <DeviceRow key={device.id} device={device} />
        ))}
      </ul>
      {others.length > 0 && (
        <Button icon="door" busy={endOthers.isPending} onClick={() => endOthers.mutate()}>
          Sign out everywhere else
        </Button>
      )}
    </Setting>
  );
}

function DeviceRow({ device }: { device: Device }) {
  const client = useQueryClient();
  const name = deviceName(device.device);
  const end = useMutation({
    mutationFn: () => accountApi.signOutDevice(device.id),
    onSuccess: () => client.invalidateQueries(devicesQuery),
    onError: (error) => toast("fail", sentence(error)),
  });
  const seen = device.current ? "this device" : `seen ${ago(device.lastSeenAt, Date.now())} ago`;
  return (
    <li>
      <Icon name={isPhone(device.device) ? "bolt" : "desk"} className="dim" />
      <span className="who">
        <b>{name}</b>
        <span>{[seen, device.network && `from ${device.network}`].filter(Boolean).join(", ")}</span>
      </span>
      {device.current ? (
        <span className="tag">Here</span>
      ) : (
        <Button small busy={end.isPending} aria-label={`Sign out ${name}`} onClick={() => end.mutate()}>
          Sign out
        </Button>
      )}
    </li>
  );
}

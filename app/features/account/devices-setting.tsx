import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { api } from "../../lib/api.ts";
import { ago, plural } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { leaveRooms } from "../../lib/room/registry.ts";
import { accountApi, type Device, devicesQuery } from "./account-api.ts";
import { deviceName } from "./device-name.ts";
import { Setting } from "./settings-frame.tsx";

/** Where the person is signed in, and the way to end it there. */
export function DevicesSetting() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const devices = useQuery(devicesQuery);
  const endOthers = useMutation({
    mutationFn: accountApi.signOutOthers,
    onSuccess: ({ ended }) => {
      toast("done", `${plural(ended, "device was", "devices were")} signed out.`);
      return client.invalidateQueries(devicesQuery);
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  const endAll = useMutation({
    mutationFn: async () => {
      await accountApi.signOutOthers();
      await api.signOut();
    },
    onSuccess: async () => {
      leaveRooms();
      await navigate({ to: "/sign-in" });
      client.clear();
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
      <div className="btns">
        {others.length > 0 && (
          <Button busy={endOthers.isPending} onClick={() => endOthers.mutate()}>
            Sign out everywhere else
          </Button>
        )}
        <Button busy={endAll.isPending} onClick={() => endAll.mutate()}>
          {others.length > 0 ? "Sign out everywhere, here too" : "Sign out"}
        </Button>
      </div>
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
      <Icon name="door" className="dim" />
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

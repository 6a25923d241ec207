import type { ReactNode } from "react";
import { Icon } from "../../components/icon.tsx";
import { bytes, duration, plural } from "../../lib/format.ts";
import { Setting } from "../account/settings-frame.tsx";
import type { Status } from "./instance-api.ts";

/** How the installation is, worst things in words. */
export function StatusSetting({ status }: { status: Status }) {
  const { rooms, runners, disk, mail, viewers, versions } = status;
  return (
    <Setting title="How it is" about={`The api has been up for ${duration(status.upS * 1_000)}. Looked at every few seconds.`}>
      <dl className="facts-list">
        <Fact ok={rooms.answer} name="Rooms">
          {rooms.answer
            ? `serve, ${plural(viewers, "viewer", "viewers")} connected`
            : "do not answer; logs/rooms.log says why when it stays"}
        </Fact>
        <Fact ok={rooms.dead === 0} name="Outbox to rooms">
          {rooms.waiting === 0 ? "empty" : `${rooms.waiting} on the way`}
          {rooms.dead > 0 && `, ${plural(rooms.dead, "record was", "records were")} refused for good`}
        </Fact>
        <Fact ok={runners.length > 0} name="Runners">
          {runners.length === 0
            ? "none is connected, so no run can start"
            : runners.map((one) => `${one.running} of ${one.slots} slots taken, sandbox ${one.sandbox}`).join("; ")}
        </Fact>
        <Fact ok={disk.ok} name="Disk">
          {`${gigabytes(disk.freeBytes)} free${disk.ok ? "" : ": too little, new work is refused"}; the database has ${bytes(disk.databaseBytes)}`}
        </Fact>
        <Fact ok={!mail.on || mail.dead === 0} name="Mail">
          {mail.on ? mailWords(mail) : "off; links are copied by hand. ATRIUM_SMTP_URL switches it on"}
        </Fact>
        <Fact name="Versions">
          {`Atrium ${versions.app}, Node ${versions.node}, workerd ${versions.workerd ?? "unknown"}, database ${versions.schema ?? "unknown"}`}
        </Fact>
      </dl>
      <Processes processes={status.processes} />
    </Setting>
  );
}

function Fact({ ok, name, children }: { ok?: boolean; name: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {ok !== undefined && <Icon name={ok ? "st-done" : "st-fail"} className={ok ? "done" : "fail"} />}
        {name}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function mailWords({ waiting, dead, lastError }: Status["mail"]): string {
  const parts = [waiting === 0 ? "nothing waits" : `${plural(waiting, "mail waits", "mails wait")}`];
  if (dead > 0) parts.push(`${dead} given up in the last two weeks`);
  if (lastError !== null) parts.push(`last trouble: ${lastError}`);
  return parts.join(", ");
}

function Processes({ processes }: { processes: Status["processes"] }) {
  if (processes.length === 0)
    return <p className="help">The processes were started apart; each machine's own tools list them.</p>;
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Process</th>
          <th scope="col">Id</th>
          <th scope="col">Memory</th>
          <th scope="col">Up</th>
        </tr>
      </thead>
      <tbody>
        {processes.map(({ name, pid, residentBytes, upS }) => (
          <tr key={pid}>
            <td>{name}</td>
            <td className="num">{pid}</td>
            <td className="num">{residentBytes === null ? "" : bytes(residentBytes)}</td>
            <td className="num">{upS === null ? "" : duration(upS * 1_000)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function gigabytes(count: number): string {
  return `${(count / 1_073_741_824).toFixed(1)} GB`;
}

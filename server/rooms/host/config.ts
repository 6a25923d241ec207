/**
 * The configuration of workerd. It is the same for every data folder and port, so the build writes it once beside the
 * bundle; what differs between two starts (address, folder, secrets) arrives by command line and environment
 * (`workerd.ts`), and no secret touches the disk.
 */
import type { Rooms } from "./classes.ts";

/** Names that the command line overrides. */
export const SOCKET = "http";
export const STORAGE = "storage";
export const API = "api";

/** What `env` of the rooms holds, by name, and the environment variable it is read from. All are texts. */
export const ROOM_BINDINGS = {
  ROOMS_SECRET: "ATRIUM_ROOMS_SECRET",
  TICKET_SECRET: "ATRIUM_TICKET_SECRET",
  GENERATION: "ATRIUM_GENERATION",
  INTERNAL_URL: "ATRIUM_INTERNAL_URL",
  PUBLIC_ORIGIN: "ATRIUM_PUBLIC_ORIGIN",
} as const;

/** The text of `config.capnp`; expects the bundle beside it as `worker.js`. */
export function workerdConfig({ classes, compatibilityDate, compatibilityFlags }: Rooms): string {
  const bindings = [
    ...classes.map(({ binding, className }) => `(name = "${binding}", durableObjectNamespace = "${className}")`),
    ...Object.entries(ROOM_BINDINGS).map(([name, variable]) => `(name = "${name}", fromEnvironment = "${variable}")`),
  ];
  // The unique key is the identity of the stored rooms: another key, and every room is empty.
  const namespaces = classes.map(
    ({ className }) => `(className = "${className}", uniqueKey = "-${className}", enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  # MiB. The default lets a burst of frames grow the heap by 25 MiB more, at no better rate.
  v8Flags = ["--max-semi-space-size=4"],
  services = [
    (name = "rooms", worker = .rooms),
    (name = "${STORAGE}", disk = (writable = true)),
    (name = "${API}", external = (http = ())),
  ],
  sockets = [(name = "${SOCKET}", http = (), service = "rooms")],
);

const rooms :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = [${compatibilityFlags.map((flag) => `"${flag}"`).join(", ")}],
  bindings = [
    ${bindings.join(",\n    ")},
  ],
  durableObjectNamespaces = [
    ${namespaces.join(",\n    ")},
  ],
  durableObjectStorage = (localDisk = "${STORAGE}"),
  # Rooms reach the internal address of the api and nothing else: no other host, no other port.
  globalOutbound = "${API}",
);
`;
}

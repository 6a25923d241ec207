/** What the live part of the api holds in memory, one per set of services. All of it is rebuilt after a restart. */
import type { Services } from "../services.ts";
import { type Archive, createArchive } from "./archive/store.ts";
import { Bell } from "./bell.ts";
import { RemoteSockets } from "./runners/gateway.ts";
import { RunnerRegistry } from "./runners/registry.ts";
import { StreamSlots } from "./runs/slots.ts";
import { createSplicer, type Splicer } from "./splice.ts";

export type Live = {
  archive: Archive;
  /** rings with `roomKey` when events of a room were archived */
  archived: Bell;
  /** of event streams */
  streams: StreamSlots;
  runners: RunnerRegistry;
  /** of runners on other machines */
  remote: RemoteSockets;
  splicer: Splicer;
  /** tokens refused because a newer fence was raised */
  staleFences: number;
  /** aborted when the public port closes: open event streams end */
  closing: AbortController;
  /** stops taking visitors; set by whoever listens on the public port */
  closePublic: () => void;
};

const lives = new WeakMap<Services, Live>();

/** The live part that belongs to these services; made at the first call. */
export function liveOf(services: Services): Live {
  const known = lives.get(services);
  if (known) return known;
  const { read, write, clock, settings, secrets, notify } = services;
  const live: Live = {
    archive: createArchive(read, write, { now: () => clock.now(), onNotes: () => notify.kick() }),
    archived: new Bell(),
    streams: new StreamSlots(),
    runners: new RunnerRegistry(() => clock.now()),
    remote: new RemoteSockets(),
    splicer: createSplicer({
      roomsUrl: settings.roomsUrl,
      roomsSecret: secrets.rooms,
      publicUrl: settings.publicUrl,
      now: () => clock.now(),
    }),
    staleFences: 0,
    closing: new AbortController(),
    closePublic: () => undefined,
  };
  lives.set(services, live);
  return live;
}

import type { Attachment } from "../../../party/protocol/common.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { bytes } from "../../lib/format.ts";
import { showHidden } from "../../lib/visible-text.ts";

/** A file on its way into a message. */
export interface Upload {
  id: string;
  name: string;
  bytes: number;
  state:
    | { kind: "sending"; sent: number }
    | { kind: "failed"; why: string }
    /** the page was reloaded meanwhile: what arrived is kept, the file has to be chosen again to go on */
    | { kind: "lost" }
    | { kind: "done"; file: Attachment };
}

export interface UploadEvents {
  progress(sent: number): void;
  done(file: Attachment): void;
  failed(why: string): void;
}

export interface UploadDeps {
  /** Begins or goes on with an upload. Returns how to stop it; stopped for good, what arrived is removed. */
  start(file: File, events: UploadEvents): (forGood: boolean) => void;
  newId(): string;
  read(): string | null;
  write(text: string | null): void;
}

/** The files of one draft. They keep uploading while the person is elsewhere, and what arrived survives a reload. */
export class UploadTray {
  readonly #deps: UploadDeps;
  readonly #subscribers = new Set<() => void>();
  readonly #running = new Map<string, { file: File; stop: ((forGood: boolean) => void) | undefined }>();
  #list: readonly Upload[];

  constructor(deps: UploadDeps) {
    this.#deps = deps;
    this.#list = readKept(deps.read());
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  };
  readonly getView = (): readonly Upload[] => this.#list;

  /** Takes files in. Returns a sentence about those that were left out. */
  add(files: readonly File[]): string | undefined {
    const again = files.filter((file) => this.#goOn(file));
    const fresh = files.filter((file) => !again.includes(file));
    const room = LIMITS.attachments - this.#list.length;
    const taken = fresh.slice(0, Math.max(0, room));
    const started = taken.map((file): [Upload, File] => [
      { id: this.#deps.newId(), name: file.name || "pasted file", bytes: file.size, state: { kind: "sending", sent: 0 } },
      file,
    ]);
    this.#set([...this.#list, ...started.map(([upload]) => upload)]);
    for (const [{ id }, file] of started) this.#start(id, file);
    const left = fresh.slice(taken.length);
    return left.length === 0 ? undefined : leftOut(left);
  }

  /** Goes on with one that failed. */
  retry(id: string): void {
    const running = this.#running.get(id);
    if (running) this.#start(id, running.file);
  }

  remove(id: string): void {
    this.#running.get(id)?.stop?.(true);
    this.#running.delete(id);
    this.#set(this.#list.filter((upload) => upload.id !== id));
  }

  /** Takes out what arrived, for the message that is being sent. Others stay. */
  take(): Attachment[] {
    const done = this.#list.flatMap(({ state }) => (state.kind === "done" ? [state.file] : []));
    this.#set(this.#list.filter(({ state }) => state.kind !== "done"));
    return done;
  }

  /** A file that is chosen again goes on where its upload broke off. */
  #goOn(file: File): boolean {
    const lost = this.#list.find(
      ({ name, bytes: size, state }) => state.kind === "lost" && name === file.name && size === file.size,
    );
    if (lost) this.#start(lost.id, file);
    return lost !== undefined;
  }

  #start(id: string, file: File): void {
    const running = { file, stop: undefined as ((forGood: boolean) => void) | undefined };
    this.#running.set(id, running);
    this.#become(id, { kind: "sending", sent: 0 });
    running.stop = this.#deps.start(file, {
      progress: (sent) => this.#become(id, { kind: "sending", sent }),
      failed: (why) => this.#become(id, { kind: "failed", why }),
      done: (attachment) => {
        this.#running.delete(id);
        this.#become(id, { kind: "done", file: attachment });
      },
    });
  }

  #become(id: string, state: Upload["state"]): void {
    this.#set(this.#list.map((upload) => (upload.id === id ? { ...upload, state } : upload)));
  }

  #set(list: readonly Upload[]): void {
    this.#list = list;
    this.#deps.write(list.length === 0 ? null : JSON.stringify(list));
    for (const changed of this.#subscribers) changed();
  }
}

/** Names named in a sentence about files that were left out, and the characters of each. */
const NAMED = 3;
const NAME_CHARS = 40;

function leftOut(files: readonly File[]): string {
  const names = files
    .slice(0, NAMED)
    .map(({ name }) => showHidden(name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS)}…` : name));
  const others = files.length - names.length;
  const who =
    others > 0 ? `${names.join(", ")} and ${others} more were` : `${names.join(", ")} ${names.length === 1 ? "was" : "were"}`;
  return `A message takes ${LIMITS.attachments} files. ${who} left out: send them with the next one.`;
}

function readKept(stored: string | null): Upload[] {
  try {
    const list: unknown = JSON.parse(stored ?? "[]");
    if (!Array.isArray(list)) return [];
    return list
      .filter(isUpload)
      .map((upload) => (upload.state.kind === "done" ? upload : { ...upload, state: { kind: "lost" } }));
  } catch {
    return [];
  }
}

function isUpload(value: unknown): value is Upload {
  if (typeof value !== "object" || value === null) return false;
  return "id" in value && "name" in value && "bytes" in value && "state" in value && typeof value.state === "object";
}

/** How an upload stands, in words. */
export function uploadWords({ bytes: size, state }: Upload): string {
  switch (state.kind) {
    case "sending":
      return `${bytes(state.sent)} of ${bytes(size)}`;
    case "done":
      return bytes(size);
    case "failed":
      return state.why;
    case "lost":
      return "Broken off by a reload. Choose it again to go on.";
  }
}

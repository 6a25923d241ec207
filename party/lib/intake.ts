/** The border of a room: every byte from a socket or a request is parsed here, once, and handed to the shell. */
import { z } from "zod";
import { agentCommand, COMMAND_ROLE, companyCommand, type RoomCommand, sessionCommand } from "../protocol/commands.ts";
import type { Actor } from "../protocol/common.ts";
import { type ClientFrame, clientFrame, PONG } from "../protocol/frames.ts";
import { delivery, type LinkItem, linkEnvelope, linkItem, type OpAnswer, roomMessage } from "../protocol/internal.ts";
import { CLOSE, LIMITS } from "../protocol/limits.ts";
import { atLeast } from "../protocol/roles.ts";
import type { Message } from "../protocol/session.ts";
import type { PrivateRows } from "./core.ts";
import type { Answer } from "./dedupe.ts";
import { FeederIntake } from "./feeders.ts";
import { parseJson, problemOf } from "./parse.ts";
import type { RoomSocket } from "./ports.ts";
import { readRef } from "./refs.ts";
import { isSeat, type RoomShell } from "./shell.ts";
import { actorOf, type Viewer } from "./viewers.ts";

const commandSchema = { company: companyCommand, agent: agentCommand, session: sessionCommand } as const;

/** A command as a socket or the link brings it. */
type Asked = { command: unknown; deadline?: string; known?: readonly Message[] };

export type HttpAnswer = { status: number; body: string };

/** The envelope of a delivery; its messages are parsed one by one, so that one that is unknown holds up no other. */
const envelope = delivery.extend({
  messages: z
    .array(z.object({ n: z.number().int(), message: z.unknown() }))
    .min(1)
    .max(128),
});

/** New work is refused while the disk is full; what ends or answers things goes on. */
const STORAGE_FULL: Answer = {
  ok: false,
  code: "storage_full",
  message: "The server's disk is full. Nothing was lost; try again when space was freed.",
  retryable: true,
};

/** Only the api can tell whether files may go with a message. */
const FILES_BY_SOCKET: Answer = {
  ok: false,
  code: "invalid",
  message: "Files go with a message through the API, not through this connection.",
  retryable: false,
};

const NOT_READY: Answer = {
  ok: false,
  code: "not_ready",
  message: "This room is still being set up. Try again in a moment.",
  retryable: true,
};

/** Commands that end or hold work: a full disk is the moment when they are wanted. The reserve has room for their events. */
const WHEN_FULL: ReadonlySet<string> = new Set([
  "run.cancel",
  "queue.cancel",
  "run.interrupt",
  "agent.pause",
  "answer.stop",
  "approval.withdraw",
  "pattern.revoke",
  "stop.everything",
]);

const refused = (code: string, message: string, retryable = false): Answer => ({ ok: false, code, message, retryable });

export class Intake<S, P extends PrivateRows, E extends { type: string }> {
  readonly #shell: RoomShell<S, P, E>;
  readonly #feeders: FeederIntake<S, P, E>;

  constructor(shell: RoomShell<S, P, E>) {
    this.#shell = shell;
    this.#feeders = new FeederIntake(shell);
  }

  /** A frame of any socket. */
  async message(socket: RoomSocket, text: string): Promise<void> {
    const seat = socket.state;
    if (!isSeat(seat)) return socket.close(CLOSE.policy, "unknown socket");
    if (this.#shell.record.purged && seat.k !== "link") return socket.close(CLOSE.rights, "closed");
    switch (seat.k) {
      case "viewer": {
        const viewer = this.#shell.viewers.of(socket);
        if (viewer) await this.#viewer(viewer, text);
        return;
      }
      case "feeder":
        return this.#feeders.message(socket, text);
      case "link": {
        const batch = linkEnvelope.safeParse(parseJson(text));
        if (!batch.success) return socket.close(CLOSE.policy, "malformed batch");
        const items = await this.#batch(batch.data.items);
        this.#shell.tell(socket, { type: "answers", items });
        return;
      }
    }
  }

  /** A signed request of the api or of another room. */
  async request(method: string, path: string, query: URLSearchParams, body: string): Promise<HttpAnswer> {
    const shell = this.#shell;
    if (shell.record.purged) return { status: 410, body: "{}" };
    if (method === "POST" && path === "/internal/deliver") return this.#deliver(body);
    if (method === "POST" && path === "/internal/batch") {
      const batch = linkEnvelope.safeParse(parseJson(body));
      if (!batch.success) return { status: 400, body: '{"code":"invalid"}' };
      return json({ type: "answers", items: await this.#batch(batch.data.items) });
    }
    if (method === "POST" && path === "/internal/restart") {
      shell.restart();
      return json({});
    }
    if (method === "GET" && path === "/internal/state") {
      return json({ epoch: shell.record.epoch, seq: shell.record.log.head, state: shell.record.state });
    }
    if (method === "GET" && path === "/internal/events") return this.#events(query);
    if (method === "GET" && path.startsWith("/internal/refs/")) {
      const text = await readRef(shell.host.storage, path.slice("/internal/refs/".length));
      return text === undefined ? { status: 404, body: '{"code":"not_found"}' } : json({ text });
    }
    return { status: 404, body: '{"code":"not_found"}' };
  }

  async #viewer(viewer: Viewer, text: string): Promise<void> {
    const shell = this.#shell;
    if (tooBig(text)) return this.#cut(viewer, CLOSE.tooBig, "frame too big");
    if (shell.viewers.floods(viewer)) return this.#cut(viewer, CLOSE.policy, "too many frames");
    const raw = parseJson(text);
    const frame = clientFrame[shell.core.party].safeParse(raw);
    if (!frame.success) {
      return this.#nack(viewer, idOf(raw), refused("invalid", `The frame was not understood (${problemOf(frame.error)}).`));
    }
    await this.#frame(viewer, frame.data);
  }

  async #frame(viewer: Viewer, frame: ClientFrame): Promise<void> {
    const shell = this.#shell;
    switch (frame.type) {
      case "ping":
        return shell.viewers.send(viewer, PONG);
      case "seen":
        return shell.viewers.seen(viewer, frame.seq);
      case "presence": {
        const { type: _type, ...update } = frame;
        return shell.presence.update(viewer.socket, update);
      }
      case "more":
        if (viewer.seat.cursor !== undefined)
          await shell.viewers.catchUp(viewer, viewer.seat.cursor, () => shell.stream.openBlocks());
        return;
      case "command": {
        const withFiles = frame.command.type === "message.post" && frame.command.attachments !== undefined;
        const answer = withFiles ? FILES_BY_SOCKET : await this.#command(frame.id, actorOf(viewer.seat), frame);
        // The event leaves before its acknowledgement, as on every other viewer's screen.
        shell.flush();
        if (answer.ok)
          shell.viewers.send(viewer, JSON.stringify({ type: "ack", id: frame.id, seq: answer.seq, result: answer.result }));
        else this.#nack(viewer, frame.id, answer);
      }
    }
  }

  async #command(id: string, actor: Actor, { command, deadline, known }: Asked): Promise<Answer> {
    const shell = this.#shell;
    const parsed = commandSchema[shell.core.party].safeParse(command);
    if (!parsed.success) return refused("invalid", "This room does not know that command.");
    const key = commandKey(actor.id, id);
    const first = await shell.dedupe.answer(key);
    if (first) return first;
    if (shell.core.companyOf(shell.record.state) === "") return NOT_READY;
    if (deadline !== undefined && Number.isNaN(Date.parse(deadline))) return refused("invalid", "The deadline is not a time.");
    if (deadline !== undefined && Date.parse(deadline) < shell.host.now()) {
      return refused("deadline", "The command came too late and was not carried out. Send it again if you still want it.");
    }
    const least = COMMAND_ROLE[parsed.data.type];
    if (!atLeast(actor.role, least)) return refused("forbidden", `This needs the role ${least}; yours is ${actor.role}.`);
    if (shell.storageFull && !endsWork(parsed.data)) return STORAGE_FULL;
    return shell.first(key, { kind: "command", actor, command: parsed.data, known });
  }

  async #batch(raw: readonly { n: number }[]): Promise<OpAnswer[]> {
    const shell = this.#shell;
    const items = raw.map((item) => ({ n: item.n, parsed: linkItem.safeParse(item) }));
    await shell.dedupe.warm(items.flatMap(({ parsed }) => (parsed.success ? keysOf(parsed.data) : [])));
    const answers: OpAnswer[] = [];
    let held: Answer | undefined;
    for (const { n, parsed } of items) {
      // A row that has to wait holds up what is behind it: the high-water mark must not pass it.
      const answer: Answer =
        held ??
        (parsed.success ? await this.#op(parsed.data) : refused("invalid", `Not understood (${problemOf(parsed.error)}).`));
      if (parsed.success && parsed.data.body.op === "record" && !answer.ok && answer.retryable) held = answer;
      answers.push(toOpAnswer(n, answer));
    }
    shell.flush();
    return answers;
  }

  async #op({ id, body }: LinkItem): Promise<Answer> {
    const shell = this.#shell;
    if (shell.record.purged) return refused("gone", "This room was deleted with its company.");
    switch (body.op) {
      case "command":
        return this.#command(id, body.actor, body);
      case "record": {
        const mark = await shell.dedupe.mark("api");
        const epoch = String(body.generation);
        const old = body.generation < Number(mark.epoch) || (mark.epoch === epoch && body.row <= mark.n);
        if (old) return { ok: true, seq: shell.record.log.head };
        return shell.run({ kind: "op", op: body }, (batch) => shell.dedupe.setMark(batch, "api", { epoch, n: body.row }));
      }
      case "wake":
        if (shell.storageFull) return STORAGE_FULL;
        return shell.once(wakeKey(id), { kind: "op", op: body });
      case "runner.gone":
      case "approval.execute":
      case "approval.executed":
        return shell.run({ kind: "op", op: body });
    }
  }

  async #deliver(body: string): Promise<HttpAnswer> {
    const shell = this.#shell;
    const parsed = envelope.safeParse(parseJson(body));
    if (!parsed.success) {
      shell.host.log("error", "a delivery was malformed", { problem: problemOf(parsed.error) });
      return { status: 400, body: '{"code":"invalid"}' };
    }
    const { from, messages } = parsed.data;
    const sender = `${from.party}:${from.room}`;
    const mark = await shell.dedupe.mark(sender);
    let seen = mark.epoch === from.epoch ? mark.n : 0;
    let failed: Answer | undefined;
    for (const { n, message: raw } of messages) {
      // n = 0: said without a promise, so there is nothing to remember.
      if (n !== 0 && n <= seen) continue;
      const message = roomMessage.safeParse(raw);
      if (!message.success) {
        // It will never be understood, and those behind it must not wait for it.
        shell.host.log("error", "a message was malformed", { from: sender, problem: problemOf(message.error) });
        continue;
      }
      const answer = shell.run({ kind: "message", from, message: message.data }, (batch) => {
        if (n !== 0) shell.dedupe.setMark(batch, sender, { epoch: from.epoch, n });
      });
      if (!answer.ok && answer.retryable) {
        failed = answer;
        break;
      }
      if (!answer.ok) shell.host.log("warn", "a message had no effect", { kind: message.data.kind, code: answer.code });
      if (n !== 0) seen = n;
    }
    shell.flush();
    return failed ? { status: 503, body: JSON.stringify(failed) } : json({});
  }

  async #events(query: URLSearchParams): Promise<HttpAnswer> {
    const { log, epoch } = this.#shell.record;
    const after = Math.max(Number(query.get("after") ?? 0) || 0, log.first - 1);
    const limit = Math.min(Number(query.get("limit") ?? 500) || 500, 1_000);
    const page = await log.read(after, LIMITS.catchUpPageBytes, limit);
    const run = query.get("run");
    // A run's events carry its id as the first field after the stamp; a string search spares parsing the others.
    const texts = run ? page.texts.filter((text) => text.includes(`"run":${JSON.stringify(run)}`)) : page.texts;
    const more = page.last < log.head;
    const body = `{"epoch":${JSON.stringify(epoch)},"head":${log.head},"first":${log.first},"last":${page.last},"more":${more},"events":[${texts.join(",")}]}`;
    return { status: 200, body };
  }

  #cut(viewer: Viewer, code: number, reason: string): void {
    this.#shell.viewers.close(viewer, code, reason);
    this.#shell.flush();
  }

  #nack(viewer: Viewer, id: string, answer: Answer): void {
    if (answer.ok) return;
    const { code, message, retryable, winner } = answer;
    this.#shell.viewers.send(viewer, JSON.stringify({ type: "nack", id, code, message, retryable, winner }));
  }
}

function json(value: unknown): HttpAnswer {
  return { status: 200, body: JSON.stringify(value) };
}

function idOf(raw: unknown): string {
  return raw && typeof raw === "object" && "id" in raw && typeof raw.id === "string" ? raw.id.slice(0, 64) : "";
}

/** A room's answer as a link speaks it. */
function toOpAnswer(n: number, answer: Answer): OpAnswer {
  return answer.ok
    ? { n, ok: true, seq: answer.seq, result: answer.result }
    : { n, ok: false, code: answer.code, message: answer.message, retryable: answer.retryable, winner: answer.winner };
}

/** True when a client's text takes more bytes than a frame may; encodes it only when its length alone does not tell. */
function tooBig(text: string): boolean {
  if (text.length > LIMITS.clientFrameBytes) return true;
  return text.length * 3 > LIMITS.clientFrameBytes && new TextEncoder().encode(text).length > LIMITS.clientFrameBytes;
}

/** Idempotency keys of an item; rows have a high-water mark instead. */
/** Keys under which answers are remembered: a person's own ids, and those of wakes, which no person chooses. */
const commandKey = (person: string, id: string): string => `${person}:${id}`;
const wakeKey = (id: string): string => `wake:${id}`;

function keysOf({ id, body }: LinkItem): string[] {
  if (body.op === "command") return [commandKey(body.actor.id, id)];
  return body.op === "wake" ? [wakeKey(id)] : [];
}

/** A deny ends work as a stop does; an allow lets it go on. */
function endsWork(command: RoomCommand): boolean {
  return WHEN_FULL.has(command.type) || (command.type === "approval.decide" && command.decision === "deny");
}

/** A conversation's room to play with, and the words to play it. */
import type { Refused } from "../../lib/core.ts";
import { Play } from "../../lib/testing/play.ts";
import type { SessionCommand } from "../../protocol/commands.ts";
import type { Actor, Wake } from "../../protocol/common.ts";
import type { RoomMessage } from "../../protocol/internal.ts";
import type { Message, SessionConfig, SessionEvent, SessionState } from "../../protocol/session.ts";
import { sessionCore } from "../core.ts";
import type { SessionPrivate } from "../private.ts";

export const BEN: Actor = { id: "u_ben", name: "Ben", kind: "person", role: "member", rights: 1 };
export const ANA: Actor = { ...BEN, id: "u_ana", name: "Ana" };

/** The default agent, and another one. */
export const GUIDE = { id: "ag_1", name: "Guide" };
export const SCOUT = { id: "ag_2", name: "Scout" };

const CONFIG: SessionConfig = {
  id: "ss_1",
  company: "co_1",
  agent: GUIDE.id,
  agentName: GUIDE.name,
  agents: [GUIDE, SCOUT],
  title: "",
  private: false,
  archived: false,
};

export class SessionPlay extends Play<SessionState, SessionPrivate, SessionEvent> {
  #rows = 0;

  constructor(config: Partial<SessionConfig> = {}) {
    super(sessionCore, "ss_1");
    this.configure(config);
  }

  configure(config: Partial<SessionConfig>): void {
    this.#rows += 1;
    const change = { kind: "session", config: { ...CONFIG, ...config } } as const;
    this.do({ kind: "op", op: { op: "record", generation: 1, row: this.#rows, change } });
  }

  command(command: SessionCommand, actor = BEN, known?: Message[]): Refused | undefined {
    return this.take({ kind: "command", actor, command, known });
  }

  /** Posts a message. @returns its id */
  post(text: string, more: Partial<Extract<SessionCommand, { type: "message.post" }>> = {}, actor = BEN): string {
    const refused = this.command({ type: "message.post", text, ...more }, actor);
    if (refused) throw new Error(`${refused.code}: ${refused.message}`);
    return this.newest.id;
  }

  get newest(): Message {
    const message = this.state.messages.at(-1);
    if (!message) throw new Error("nothing was said yet");
    return message;
  }

  /** An agent's room says something. */
  agent(message: RoomMessage, room = GUIDE.id): void {
    this.do({ kind: "message", from: { party: "agent", room }, message });
  }

  started(run: string, message?: string, { id, name } = GUIDE): void {
    this.agent({ kind: "answer.started", run, agent: id, agentName: name, message }, id);
  }

  ended(run: string, more: Partial<Extract<RoomMessage, { kind: "answer.ended" }>> = {}, { id, name } = GUIDE): void {
    this.agent({ kind: "answer.ended", run, agent: id, agentName: name, outcome: "done", ...more }, id);
  }

  /** Wakes sent so far, and to whom. */
  get wakes(): { room: string; wake: Wake }[] {
    return this.out.flatMap(({ room, message }) => (message.kind === "wake" ? [{ room, wake: message.wake }] : []));
  }

  /** Agents' rooms that the newest command spoke to, by what it said. */
  spokenTo(kind: RoomMessage["kind"]): string[] {
    return (this.last?.out ?? []).filter(({ message }) => message.kind === kind).map(({ room }) => room);
  }
}

/** A turn of the conversation's core: its agents' rooms, and word to the company's room that lists are out of date. */
import type { Context, Decided, Outgoing } from "../lib/core.ts";
import { BaseTurn } from "../lib/turn.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import { laneRoom } from "../protocol/lanes.ts";
import type { Message, SessionConfig, SessionEvent, SessionState } from "../protocol/session.ts";
import { evolveSession } from "../protocol/session-state.ts";
import type { SessionPrivate } from "./private.ts";

/** Who speaks where neither a person nor an agent does. */
export const SYSTEM: ActorRef = { id: "system", name: "Atrium", kind: "system" };

/** Events that lists of conversations show something of. */
const LISTED: readonly SessionEvent["type"][] = ["message.posted", "message.edited", "message.deleted", "session.configured"];

export class Turn extends BaseTurn<SessionState, SessionPrivate, SessionEvent> {
  readonly #known: readonly Message[];
  #emitted = 0;
  /** seq of the newest event that lists show something of */
  #touched: number | undefined;

  /** @param known messages that the api read from the archive */
  constructor(state: SessionState, priv: SessionPrivate, context: Context, known: readonly Message[] = []) {
    super(state, priv, context, evolveSession);
    this.#known = known;
  }

  override emit(event: SessionEvent): void {
    this.#emitted += 1;
    if (LISTED.includes(event.type)) this.#touched = this.context.head + this.#emitted;
    super.emit(event);
  }

  /** A message of this conversation: of the newest by the room's own state, an older one as the archive has it. */
  message(id: string): Message | undefined {
    return this.state.messages.find((message) => message.id === id) ?? this.archived(id);
  }

  /** A message as the api read it from the archive. */
  archived(id: string): Message | undefined {
    return this.#known.find((message) => message.id === id);
  }

  /** Says something as a new message of this moment. */
  post(message: Omit<Message, "id" | "at">): Message {
    const posted: Message = { ...message, id: this.context.newId("msg"), at: new Date(this.now).toISOString() };
    this.emit({ type: "message.posted", message: posted });
    return posted;
  }

  tellAgent(agent: string, message: RoomMessage): void {
    const { config } = this.state;
    this.say("agent", config?.private ? laneRoom(agent, config.id) : agent, message);
  }

  done(): Decided<SessionEvent, SessionPrivate> {
    return { ...this.decided(), say: this.#touch() };
  }

  #touch(): Outgoing[] {
    const { config } = this.state;
    if (this.#touched === undefined || !config) return [];
    const at = new Date(this.now).toISOString();
    return [{ party: "company", room: config.company, message: { kind: "touched", session: config.id, seq: this.#touched, at } }];
  }
}

/** All who may answer; the default agent is always one of them. */
export function agentsOf(config: SessionConfig): { id: string; name: string }[] {
  const others = (config.agents ?? []).filter((agent) => agent.id !== config.agent);
  return [{ id: config.agent, name: config.agentName }, ...others];
}

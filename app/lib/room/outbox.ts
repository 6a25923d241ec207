import type { AgentCommand, CompanyCommand, RoomCommand, SessionCommand } from "../../../party/protocol/commands.ts";
import type { ClientFrame } from "../../../party/protocol/frames.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { CommandRefused } from "./frames.ts";

/** What people may ask of each room. */
export type CommandOf<P extends Party> = { company: CompanyCommand; agent: AgentCommand; session: SessionCommand }[P];

/** A frame to a room. The type of the outbox keeps a command with the room that knows it. */
export type Outgoing =
  | Exclude<ClientFrame, { type: "command" }>
  | { type: "command"; id: string; deadline: string; command: RoomCommand };

/** The room's yes: the place of its event in the log, and what it made. */
export interface CommandAnswer {
  seq: number;
  result: Record<string, unknown>;
}

/** ms a command may travel; the room refuses it afterwards, so nothing happens long after the press */
const COMMAND_LIFE_MS = 30_000;

interface Pending {
  frame: Outgoing;
  resolve: (answer: CommandAnswer) => void;
  reject: (reason: CommandRefused) => void;
}

/**
 * Commands that have no answer yet. They are sent again with the same id after a reconnect: the room answers a repeated id
 * with the first answer, so nothing runs twice, and refuses one that is past its deadline, so nothing runs late.
 */
export class CommandOutbox<P extends Party> {
  readonly #send: (frame: Outgoing) => void;
  readonly #pending = new Map<string, Pending>();

  constructor(send: (frame: Outgoing) => void) {
    this.#send = send;
  }

  /**
   * @param roomNow the room's clock, ms since the epoch
   * @throws {CommandRefused} for what no room would take
   */
  add(id: string, command: CommandOf<P>, roomNow: number): Promise<CommandAnswer> {
    const frame: Outgoing = { type: "command", id, deadline: new Date(roomNow + COMMAND_LIFE_MS).toISOString(), command };
    if (!fits(frame)) {
      return Promise.reject(
        new CommandRefused({ code: "too_long", message: "It is too long to send at once. Send it in parts.", retryable: false }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { frame, resolve, reject });
      this.#send(frame);
    });
  }

  resendAll(): void {
    for (const { frame } of this.#pending.values()) this.#send(frame);
  }

  answered(id: string, answer: CommandAnswer): void {
    this.#pending.get(id)?.resolve(answer);
    this.#pending.delete(id);
  }

  refused(id: string, reason: CommandRefused): void {
    this.#pending.get(id)?.reject(reason);
    this.#pending.delete(id);
  }

  refuseAll(reason: CommandRefused): void {
    for (const id of [...this.#pending.keys()]) this.refused(id, reason);
  }
}

/** A room closes the connection on a larger frame; a command that is sent again on every return would then never let it come back. */
function fits(frame: Outgoing): boolean {
  return new TextEncoder().encode(JSON.stringify(frame)).length <= LIMITS.clientFrameBytes;
}

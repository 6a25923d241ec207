import ReconnectingWebSocket from "partysocket/ws";
import type { Party } from "../../../party/protocol/tickets.ts";

/** One attempt at a socket. It opens at most once and closes exactly once. */
export interface Wire {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface WireEvents {
  opened(): void;
  message(text: string): void;
  closed(code: number): void;
}

/** Leave to enter a room, or why there is none. `later` is for everything that may pass by itself. */
export type TicketAnswer =
  | { kind: "ticket"; url: string; ticket: string }
  | { kind: "signed_out" }
  | { kind: "not_found" }
  | { kind: "later"; retryAfterMs?: number };

export type Cancel = () => void;

/** Everything the connection needs from outside, so that tests bring their own network and time. */
export interface RoomDeps {
  ticket(party: Party, room: string): Promise<TicketAnswer>;
  open(url: string, events: WireEvents): Wire;
  /** ms since the epoch */
  now(): number;
  after(ms: number, run: () => void): Cancel;
  /** [0, 1) */
  random(): number;
  commandId(): string;
}

/** ms until a socket that does not open counts as failed */
const CONNECT_TIMEOUT_MS = 8_000;

/**
 * Opens one socket with partysocket. Its own retries and queue are off: a queued command could run late and twice,
 * and when to try again depends on the close code, which the connection knows.
 */
export function openWire(url: string, events: WireEvents): Wire {
  const socket = new ReconnectingWebSocket(url, [], {
    maxRetries: 0,
    maxEnqueuedMessages: 0,
    connectionTimeout: CONNECT_TIMEOUT_MS,
  });
  let done = false;
  const closed = (code: number): void => {
    if (done) return;
    done = true;
    events.closed(code);
  };
  socket.addEventListener("open", () => events.opened());
  socket.addEventListener("message", (event) => {
    if (typeof event.data === "string") events.message(event.data);
  });
  socket.addEventListener("close", (event) => closed(event.code));
  return {
    send: (text) => void socket.send(text),
    close: (code, reason) => {
      socket.close(code, reason);
      // a socket that never opened has no close event to wait for
      closed(code);
    },
  };
}

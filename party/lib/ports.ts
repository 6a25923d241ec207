/**
 * What a room needs from its host, as narrow interfaces: PartyKit's classes fit them as they are, and so do the
 * deterministic counterparts of the simulator.
 */

export interface RoomStorage {
  get<T>(key: string): Promise<T | undefined>;
  getMany<T>(keys: string[]): Promise<Map<string, T>>;
  list<T>(options: { prefix?: string; start?: string; end?: string; reverse?: boolean; limit?: number }): Promise<Map<string, T>>;
  put<T>(entries: Record<string, T>): Promise<void>;
  delete(keys: string[]): Promise<number>;
  setAlarm(at: number): Promise<void>;
  deleteAlarm(): Promise<void>;
}

export interface RoomSocket {
  readonly id: string;
  readonly readyState: number;
  /** bytes sent but not taken by the network; absent on hosts that cannot tell */
  readonly bufferedAmount?: number;
  /** survives hibernation; at most 2 KiB */
  state: unknown;
  setState(state: unknown): unknown;
  send(message: string): void;
  close(code?: number, reason?: string): void;
}

/** Everything of the outside that a room may touch. Clock and ids are passed in, so a simulator can own them. */
export interface RoomHost {
  readonly id: string;
  readonly storage: RoomStorage;
  readonly env: RoomEnv;
  /** this process had the room awake before: it only slept, and neither the clock nor a lease stood still meanwhile */
  readonly slept: boolean;
  sockets(): Iterable<RoomSocket>;
  now(): number;
  random(bytes: number): Uint8Array;
  /** runs `task` after `ms`; lost when the room sleeps, so only for windows below a second */
  after(ms: number, task: () => void): void;
  /** POST to another room, signed; resolves to the status and the body */
  postRoom(party: string, room: string, path: string, body: string): Promise<{ status: number; body: string }>;
  /** POST to the api's internal address, signed */
  postApi(path: string, body: string): Promise<{ status: number; body: string }>;
  log(level: "info" | "warn" | "error", message: string, fields?: Record<string, unknown>): void;
}

export interface RoomEnv {
  /** grows with each restore of the data folder */
  readonly generation: number;
}

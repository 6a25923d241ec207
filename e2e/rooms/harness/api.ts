/**
 * What stands at the api's internal address: a small server that checks signatures as the api does, keeps what rooms
 * archive and answers dispatches as a test asks.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { archiveHeadRequest } from "../../../party/protocol/archive-head.ts";
import { archiveRequest, type DispatchRequest, dispatchRequest } from "../../../party/protocol/internal.ts";
import { verifyRequest } from "../../../party/protocol/sign.ts";
import { LOOPBACK } from "../../../server/launcher/ports.ts";

export type Archived = { seq: number; at: string; type: string };

/** How the archive answers: stores and says so, stores but the answer is lost, or has no space. */
export type ArchiveMood = "stores" | "answer is lost" | "disk full" | "away" | "company gone";

/** Statuses of an archive that does not store. */
const REFUSALS: Partial<Record<ArchiveMood, number>> = { "disk full": 507, "company gone": 410 };

export class Api {
  readonly url: string;
  readonly #server: Server;
  readonly #secret: string;
  /** events by `party/room`, by seq */
  readonly #events = new Map<string, Map<number, Archived>>();
  readonly refs = new Map<string, string>();
  readonly dispatches: DispatchRequest[] = [];
  /** archive posts answered, in order */
  readonly posts: { room: string; first: number; last: number }[] = [];
  archiveMood: ArchiveMood = "stores";
  /** heads the archive tells of rooms instead of what it was sent, by `party/room`: it was restored from another day */
  readonly heldBack = new Map<string, number>();
  /** decides on a dispatch: true when a runner takes it */
  onDispatch: (request: DispatchRequest) => boolean = () => false;
  /** requests without a good signature */
  unsigned = 0;

  private constructor(server: Server, secret: string, port: number) {
    this.#server = server;
    this.#secret = secret;
    this.url = `http://${LOOPBACK}:${port}`;
    server.on("request", (request, response) => void this.#take(request, response));
  }

  static async listen(secret: string): Promise<Api> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, LOOPBACK, done));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return new Api(server, secret, address.port);
  }

  /** What is archived of a room, in order. */
  archived(key: string): Archived[] {
    return [...(this.#events.get(key)?.values() ?? [])].sort((a, b) => a.seq - b.seq);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const path = request.url ?? "";
    const header = (name: string) => String(request.headers[name] ?? "");
    if (!verifyRequest(this.#secret, request.method ?? "", path, body, header, Date.now())) {
      this.unsigned += 1;
      return answer(response, 401, {});
    }
    if (path === "/internal/archive") return this.#archive(response, body);
    if (path === "/internal/archive/head") {
      const { party, room } = archiveHeadRequest.parse(JSON.parse(body));
      return answer(response, 200, {
        head: this.heldBack.get(`${party}/${room}`) ?? this.archived(`${party}/${room}`).at(-1)?.seq ?? 0,
      });
    }
    if (path === "/internal/dispatch") {
      const wanted = dispatchRequest.parse(JSON.parse(body));
      this.dispatches.push(wanted);
      return answer(response, this.onDispatch(wanted) ? 200 : 503, { runner: "rn_test" });
    }
    answer(response, 404, {});
  }

  #archive(response: ServerResponse, body: string): void {
    const refusal = REFUSALS[this.archiveMood];
    if (refusal !== undefined) answer(response, refusal, {});
    else if (this.archiveMood === "away") response.destroy();
    else this.#store(response, body);
  }

  #store(response: ServerResponse, body: string): void {
    const post = archiveRequest.parse(JSON.parse(body));
    const key = `${post.party}/${post.room}`;
    const events = this.#events.get(key) ?? new Map<number, Archived>();
    this.#events.set(key, events);
    for (const event of post.events) if (!events.has(event.seq)) events.set(event.seq, event);
    for (const { ref, text } of post.refs) this.refs.set(ref, text);
    const last = post.events.at(-1)?.seq ?? 0;
    this.posts.push({ room: key, first: post.events[0]?.seq ?? 0, last });
    if (this.archiveMood === "answer is lost") response.destroy();
    else answer(response, 200, { archived: last });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** The api behind a real socket, with people who upload: for tests of files. */
import type { Server } from "node:http";
import { closeServer, createServerFor, listen } from "../../api/listen.ts";
import { type Reply, TestApp, type TestOptions, type TestPerson } from "../../api/test-app.ts";
import { LOOPBACK, pickPort } from "../../launcher/ports.ts";

export const TUS = { "tus-resumable": "1.0.0" };
const PART = { ...TUS, "content-type": "application/offset+octet-stream" };

export class FileApp {
  readonly app: TestApp;
  /** `http://127.0.0.1:…` */
  readonly url: string;
  readonly ana: TestPerson;
  /** the company of `uploads` and `files` */
  company: string;
  readonly #server: Server;

  private constructor(app: TestApp, server: Server, url: string, ana: TestPerson, company: string) {
    this.app = app;
    this.#server = server;
    this.url = url;
    this.ana = ana;
    this.company = company;
  }

  static async open(options: TestOptions = {}): Promise<FileApp> {
    const app = await TestApp.open(options);
    const server = createServerFor(app.app);
    const port = await pickPort(LOOPBACK, []);
    await listen(server, LOOPBACK, port);
    const ana = await app.person("Ana");
    return new FileApp(app, server, `http://${LOOPBACK}:${port}`, ana, await ana.makeCompany("North"));
  }

  async close(): Promise<void> {
    await closeServer(this.#server);
    await this.app.close();
  }

  get uploads(): string {
    return `/api/companies/${this.company}/uploads`;
  }

  get files(): string {
    return `/api/companies/${this.company}/files`;
  }

  /** A request over the socket, with bytes. */
  fetch(path: string, init: RequestInit & { person?: TestPerson } = {}): Promise<Response> {
    const { person = this.ana, headers, ...rest } = init;
    return fetch(this.url + path, { redirect: "manual", ...rest, headers: { cookie: person.cookie, ...headers } });
  }

  /** Announces an upload. */
  begin(name: string, bytes: number, more: Record<string, string> = {}, person = this.ana): Promise<Response> {
    const pairs = Object.entries({ filename: name, ...more }).map(
      ([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`,
    );
    const headers = { ...TUS, "upload-length": String(bytes), "upload-metadata": pairs.join(",") };
    return this.fetch(this.uploads, { method: "POST", headers, person });
  }

  /** Sends bytes from an offset on. */
  send(location: string, offset: number, bytes: Uint8Array<ArrayBuffer>, person = this.ana): Promise<Response> {
    const headers = { ...PART, "upload-offset": String(offset) };
    return this.fetch(location, { method: "PATCH", headers, body: bytes, person });
  }

  /** How far an upload is. */
  async offset(location: string): Promise<number> {
    const response = await this.fetch(location, { method: "HEAD", headers: TUS });
    if (response.status !== 200) throw new Error(`HEAD answered ${response.status}`);
    return Number(response.headers.get("upload-offset"));
  }

  /** Uploads all at once. @returns the file's id */
  async upload(
    name: string,
    content: string | Uint8Array,
    more: Record<string, string> = {},
    person = this.ana,
  ): Promise<string> {
    const bytes = Uint8Array.from(Buffer.from(content));
    const begun = await this.begin(name, bytes.length, more, person);
    const location = begun.headers.get("location") ?? "";
    if (begun.status !== 201) throw new Error(`POST answered ${begun.status}: ${await begun.text()}`);
    const sent = bytes.length === 0 ? undefined : await this.send(location, 0, bytes, person);
    if (sent && sent.status !== 204) throw new Error(`PATCH answered ${sent.status}: ${await sent.text()}`);
    return location.split("/").at(-1) ?? "";
  }

  /** What the api says of a file. */
  facts(id: string): Promise<Reply> {
    return this.ana.call("GET", `${this.files}/${id}`);
  }
}

/** Our uploads as the tus server sees them. Loaded with the first upload. */
import { DataStore, ERRORS, Upload } from "@tus/server";
import type { Partial, Partials } from "./partials.ts";

export type StoreDeps = {
  partials: Partials;
  /** what is known of a new upload beside its id and size */
  begin: Omit<Partial, "id" | "bytes"> | undefined;
  /** the size of an upload that has become a file */
  finished(id: string): Promise<number | undefined>;
  /** throws when no more may be written */
  check(): void;
};

export class TusStore extends DataStore {
  readonly #deps: StoreDeps;

  constructor(deps: StoreDeps) {
    super();
    this.#deps = deps;
    // Neither `creation-with-upload` nor lengths said later: a limit is told before a byte is sent. What expires is for us to
    // say: the server reads the machine's clock.
    this.extensions = ["creation", "termination"];
  }

  override async create(upload: Upload): Promise<Upload> {
    const { partials, begin } = this.#deps;
    if (!begin || upload.size === undefined) throw ERRORS.INVALID_LENGTH;
    await partials.create({ ...begin, id: upload.id, bytes: upload.size });
    return upload;
  }

  override async write(stream: AsyncIterable<Uint8Array>, id: string, offset: number): Promise<number> {
    return await this.#deps.partials.write(id, stream, offset, () => this.#deps.check());
  }

  override async getUpload(id: string): Promise<Upload> {
    const { partials, finished } = this.#deps;
    const partial = await partials.find(id);
    if (partial) {
      const offset = (await partials.received(id)) ?? 0;
      return new Upload({ id, size: partial.bytes, offset, creation_date: partial.createdAt });
    }
    const size = await finished(id);
    if (size === undefined) throw ERRORS.FILE_NOT_FOUND;
    return new Upload({ id, size, offset: size });
  }

  override async remove(id: string): Promise<void> {
    await this.#deps.partials.remove(id);
  }
}

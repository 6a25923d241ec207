/** How a write can fail. The api turns each into an answer for people. */

/** A unit said no to itself: a precondition named `code` did not hold. Nothing of the unit was written. */
export class WriteRefused extends Error {
  override name = "WriteRefused";
  readonly code: string;
  constructor(code: string) {
    super(`a write was refused: ${code}`);
    this.code = code;
  }
}

/** There is no space left for the database. Nothing of the unit was written; it may be tried again. */
export class StorageFull extends Error {
  override name = "StorageFull";
  readonly code = "storage_full";
  constructor(cause: unknown) {
    super("there is no space left for the database", { cause });
  }
}

/** A database that this version must not touch; the message is for the person who started it. */
export class MigrationRefused extends Error {
  override name = "MigrationRefused";
}

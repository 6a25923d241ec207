/** Why a tool did not do what it was asked: a code, one plain sentence, what to do. */

export type RefusalCode =
  | "bad_path"
  | "outside_workspace"
  | "not_found"
  | "wrong_kind"
  | "too_large"
  | "not_text"
  | "unreadable"
  | "no_single_match"
  | "bad_pattern"
  | "command_failed_to_start"
  | "no_space"
  | "no_permission";

/** Thrown by tools; its message is shown to the model and to people. */
export class ToolRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "ToolRefusal";
    this.code = code;
  }
}

const DISK_REFUSALS: Record<string, [RefusalCode, string]> = {
  ENOENT: ["not_found", "There is no such file or folder. Use list_files to see what exists."],
  ENOTDIR: ["wrong_kind", "A part of the path is a file, not a folder."],
  EISDIR: ["wrong_kind", "The path is a folder, not a file."],
  ELOOP: ["bad_path", "The path goes through too many links."],
  ENAMETOOLONG: ["bad_path", "The path or a name in it is too long. Choose a shorter one."],
  EACCES: ["no_permission", "The machine does not allow access to this path."],
  EPERM: ["no_permission", "The machine does not allow this change."],
  EROFS: ["no_permission", "The disk is read-only."],
  ENOSPC: ["no_space", "The disk is full. Nothing was written; free some space and try again."],
  EDQUOT: ["no_space", "The disk quota is used up. Nothing was written; free some space and try again."],
  EFBIG: ["too_large", "The file would become too large."],
};

/** The refusal behind an error, also for the usual answers of a disk; undefined for anything unexpected. */
export function asRefusal(error: unknown): ToolRefusal | undefined {
  if (error instanceof ToolRefusal) return error;
  const known = DISK_REFUSALS[errnoOf(error) ?? ""];
  return known === undefined ? undefined : new ToolRefusal(known[0], known[1]);
}

/** The system's code of an error (`ENOENT`), undefined when it has none. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

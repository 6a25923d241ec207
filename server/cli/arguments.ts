/** Reads a command's arguments. */
import { parseArgs } from "node:util";
import { UsageError } from "./command.ts";

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

/**
 * Options and the words beside them.
 * @param words least and most words beside the options
 * @throws {UsageError}
 */
export function readArguments<const O extends Options>(args: string[], options: O, words: { least: number; most: number }) {
  const parsed = parse(args, options);
  const { length } = parsed.positionals;
  if (length < words.least) throw new UsageError("Something is missing.");
  if (length > words.most) throw new UsageError(`${parsed.positionals[words.most]} is one word too many.`);
  return parsed;
}

function parse<const O extends Options>(args: string[], options: O) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number given as an option. @throws {UsageError} */
export function wholeNumberOption(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw new UsageError(`--${name} is "${text}" and must be a whole number.`);
  return Number(text);
}

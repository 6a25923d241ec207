/** Closes a switch over a union: a new member fails the type check here, a foreign value fails at run time. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}

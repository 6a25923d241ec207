/** `user create|reset-password` and `api-key create`. */
import { assertNever } from "../../../party/protocol/assert.ts";
import { resetUrl } from "../../auth/reset.ts";
import { publicUrl } from "../../launcher/settings.ts";
import { readArguments } from "../arguments.ts";
import { CliError, EXIT, type Run, type Terminal, UsageError } from "../command.ts";
import { type OperatorAnswer, operate, operatorAnswer, operatorRequest } from "../operator.ts";
import { existingInstance } from "../place.ts";
import { reach, withRecords } from "../reach.ts";

/** `<email> --name <name> [--owner]` */
export const createUser: Run = async (args, terminal) => {
  const options = { name: { type: "string" }, owner: { type: "boolean" } } as const;
  const { values, positionals } = readArguments(args, options, { least: 1, most: 1 });
  const { name, owner = false } = values;
  if (name === undefined) throw new UsageError("Say how the person is called: --name.");
  return say(await ask(terminal, { do: "user.create", email: positionals[0], name, owner }), terminal);
};

/** `<email>` */
export const resetPassword: Run = async (args, terminal) => {
  const { positionals } = readArguments(args, {}, { least: 1, most: 1 });
  return say(await ask(terminal, { do: "user.reset", email: positionals[0] }), terminal);
};

/** `<email> [--name <name>]` */
export const createKey: Run = async (args, terminal) => {
  const { values, positionals } = readArguments(args, { name: { type: "string" } }, { least: 1, most: 1 });
  return say(
    await ask(terminal, { do: "key.create", email: positionals[0], name: values.name ?? "made on the server" }),
    terminal,
  );
};

type Answered = { answer: OperatorAnswer; address: string };

async function ask(terminal: Terminal, raw: unknown): Promise<Answered> {
  const parsed = operatorRequest.safeParse(raw);
  if (!parsed.success) throw new UsageError(problemOf(parsed.error.issues[0]?.path[0]));
  const settings = existingInstance(terminal);
  const reached = reach(settings, "changing an account");
  if (reached.kind === "running") {
    const { status, body } = await reached.ask("/internal/operator", parsed.data);
    const answer = operatorAnswer.safeParse(body);
    if (!answer.success) throw new CliError(`The api refused it (${status}). Look at \`npm run atrium -- logs api\`.`);
    return { answer: answer.data, address: reached.address };
  }
  try {
    const answer = await withRecords(settings, (records) => operate(records, parsed.data));
    return { answer, address: publicUrl(settings, settings.port) };
  } finally {
    reached.lock.release();
  }
}

function problemOf(field: PropertyKey | undefined): string {
  return field === "email" ? "That is no e-mail address." : "A name has 1 to 80 characters.";
}

function say({ answer, address }: Answered, terminal: Terminal): number {
  switch (answer.kind) {
    case "link":
      terminal.warn(`${answer.name} sets a new password with this link, once, until ${answer.until}:`);
      terminal.say(resetUrl(address, answer.token));
      return EXIT.done;
    case "key":
      terminal.warn(`A key for ${answer.name}. It is shown only now:`);
      terminal.say(answer.key);
      return EXIT.done;
    case "no":
      throw new CliError(answer.why);
    default:
      return assertNever(answer);
  }
}

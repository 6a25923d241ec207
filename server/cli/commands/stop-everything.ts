/** `stop-everything`: the emergency brake of every company. */
import { z } from "zod";
import { readArguments } from "../arguments.ts";
import { CliError, EXIT, type Run } from "../command.ts";
import { existingInstance } from "../place.ts";
import { reach } from "../reach.ts";

const stopped = z.object({ companies: z.array(z.object({ id: z.string(), name: z.string(), ok: z.boolean() })) });

/** No arguments. */
export const stopEverything: Run = async (args, terminal) => {
  readArguments(args, {}, { least: 0, most: 0 });
  const reached = reach(existingInstance(terminal), "looking whether anything runs");
  if (reached.kind === "stopped") {
    reached.lock.release();
    terminal.say("Atrium does not run here, so no agent does. Runs that were cut off go on at the next start.");
    return EXIT.done;
  }
  const { status, body } = await reached.ask("/internal/stop-everything", {});
  const answer = stopped.safeParse(body);
  if (!answer.success) throw new CliError(`The api refused it (${status}). Look at \`npm run atrium -- logs api\`.`);
  for (const { name, id, ok } of answer.data.companies) {
    terminal.say(
      ok
        ? `${name} (${id}): every run was stopped and every agent is paused`
        : `${name} (${id}): its room does not answer, try again`,
    );
  }
  return answer.data.companies.every(({ ok }) => ok) ? EXIT.done : EXIT.problem;
};

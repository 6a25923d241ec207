import { z } from "zod";
import { assertNever } from "../../party/protocol/assert.ts";
import { type Execution, execute } from "./execute.ts";
import { changesBetween, glance } from "./found-changes.ts";
import { fitsOneArgument } from "./launch.ts";
import { TOOL_LIMITS } from "./limits.ts";
import { count, cutText, withNote } from "./output.ts";
import { ToolRefusal } from "./refusal.ts";
import { commandRisk, type Sandbox, shownWorkspace } from "./sandbox.ts";
import type { Tool, ToolOutcome } from "./tool.ts";

const input = z.strictObject({
  command: z.string().min(1).describe("a bash command line"),
  timeoutMs: z
    .int()
    .min(1)
    .max(TOOL_LIMITS.commandMaxMs)
    .optional()
    .describe(`ms after which it is stopped, ${TOOL_LIMITS.commandMs} by default, at most ${TOOL_LIMITS.commandMaxMs}`),
});

/** The shell, as safe as the machine allows; its risk says how safe that is. */
export function shell(sandbox: Sandbox): Tool<z.infer<typeof input>> {
  return {
    name: "shell",
    description: describe(sandbox),
    input,
    risk: commandRisk(sandbox),
    repeatable: false,
    async run({ command, timeoutMs = TOOL_LIMITS.commandMs }, { workspace, signal, env, progress }) {
      if (command.includes("\0")) throw new ToolRefusal("bad_pattern", "A command must not contain a NUL character.");
      if (!fitsOneArgument(command)) {
        throw new ToolRefusal(
          "too_large",
          `The command is longer than ${count(TOOL_LIMITS.commandBytes)} bytes. Write it to a file and run that.`,
        );
      }
      const argv = ["bash", "--noprofile", "--norc", "-c", command];
      const before = await glance(workspace);
      const answer = outcome(await execute(sandbox, { argv, workspace, env, timeoutMs, signal, progress }), timeoutMs);
      const files = changesBetween(before, await glance(workspace));
      return files.length > 0 ? { ...answer, files } : answer;
    },
  };
}

function describe(sandbox: Sandbox): string {
  const where =
    sandbox.kind === "bubblewrap"
      ? `in a sandbox: the workspace is ${shownWorkspace(sandbox, "")}, there is no network, and only the workspace is kept`
      : "in the workspace, without a sandbox, so a person is asked every time";
  return `Runs a bash command ${where}. Processes it leaves behind are ended with it. Answers what it wrote, standard output and errors together.`;
}

function outcome({ ending, output }: Execution, timeoutMs: number): ToolOutcome {
  const answer = (note: string, exitCode?: number): ToolOutcome => {
    const { text, truncated } = cutText(withNote(output.text, `[${note}]`));
    return { ok: false, output: text, truncated: truncated || output.truncated, exitCode };
  };
  switch (ending.kind) {
    case "exit":
      if (ending.code !== 0) return answer(`The command ended with exit code ${ending.code}.`, ending.code);
      return { ok: true, output: output.text, truncated: output.truncated, exitCode: 0 };
    case "signal":
      return answer(`The command was killed by the system (${ending.signal}).`);
    case "timeout":
      return answer(
        `The command was stopped after ${timeoutMs / 1_000} s, its time limit. timeoutMs may be up to ${TOOL_LIMITS.commandMaxMs}.`,
      );
    case "flood":
      return answer(
        `Output was cut: the command was stopped after it had written more than ${count(TOOL_LIMITS.commandOutputBytes)} bytes.`,
      );
    case "aborted":
      return answer("The command was stopped because the run was interrupted.");
    default:
      return assertNever(ending);
  }
}

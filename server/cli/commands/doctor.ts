/** `doctor`: looks at everything an instance needs. */
import { StartError } from "../../launcher/errors.ts";
import { readHolder, takeLock } from "../../launcher/lock.ts";
import type { Settings } from "../../launcher/settings.ts";
import { readArguments } from "../arguments.ts";
import { EXIT, type Run, type Terminal } from "../command.ts";
import { type Check, type Finding, problem } from "../doctor/check.ts";
import { folderChecks } from "../doctor/folder.ts";
import { MACHINE } from "../doctor/machine.ts";
import { networkChecks } from "../doctor/network.ts";
import { recordChecks } from "../doctor/records.ts";
import { settingsOf } from "../place.ts";

type Looked = { name: string } & Finding;

/** `[--json]`. Exit code 1 when something does not work. */
export const doctor: Run = async (args, terminal) => {
  const { values } = readArguments(args, { json: { type: "boolean" } }, { least: 0, most: 0 });
  const looked: Looked[] = [];
  for (const check of checks(terminal)) {
    const one: Looked = { name: check.name, ...(await look(check)) };
    looked.push(one);
    if (!values.json) for (const line of linesOf(one)) terminal.say(line);
  }
  const problems = looked.filter(({ state }) => state === "problem").length;
  if (values.json) terminal.say(JSON.stringify({ ok: problems === 0, checks: looked }, null, 2));
  else
    terminal.say(
      problems === 0
        ? "\nEverything it needs is there."
        : `\n${problems} ${problems === 1 ? "thing does" : "things do"} not work.`,
    );
  return problems === 0 ? EXIT.done : EXIT.problem;
};

/** Without settings that can be read, only the machine can be looked at. */
function checks(terminal: Terminal): Check[] {
  let settings: Settings;
  try {
    settings = settingsOf(terminal);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const says = error.message;
    return [...MACHINE, { name: "settings", look: () => problem(says, "Correct that; docs/settings.md lists every setting.") }];
  }
  return [...MACHINE, ...folderChecks(settings), ...recordChecks(settings), ...networkChecks(settings, isRunning(settings.data))];
}

function isRunning(data: string): boolean {
  try {
    takeLock(data, "the doctor looks").release();
    return false;
  } catch {
    return readHolder(data) !== undefined;
  }
}

/** A check that fails itself is a finding too. */
async function look(check: Check): Promise<Finding> {
  try {
    return await check.look();
  } catch (error) {
    return problem(
      `It could not be looked at (${error instanceof Error ? error.message : error}).`,
      "Run this as the user that runs Atrium.",
    );
  }
}

const MARKS = { fine: "ok     ", warning: "note   ", problem: "PROBLEM" } as const;

function linesOf(one: Looked): string[] {
  const line = `${MARKS[one.state]}  ${one.name.padEnd(17)} ${one.says}`;
  return one.state === "fine" ? [line] : [line, `${" ".repeat(27)}${one.fix}`];
}

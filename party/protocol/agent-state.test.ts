import { describe, expect, test } from "vitest";
import { describeCall } from "./agent-state.ts";

describe("one line about a call", () => {
  test.each([
    ["the most telling argument", '{"cwd":"/w","command":"ls -a"}', "shell ls -a"],
    ["its first line", '{"command":"cat <<END\\nmuch\\nEND"}', "shell cat <<END"],
    ["also where the arguments are cut", '{"command":"cat > \\"a b\\" <<END\\nmuch', 'shell cat > "a b" <<END'],
    ["a cut argument as far as it goes", '{"command":"echo he', "shell echo he"],
    ["nothing where the telling one is cut away", '{"content":"long', "shell"],
    ["nothing of an argument that only quotes one", '{"content":"{\\"command\\":\\"rm\\"', "shell"],
    ["nothing of what are no arguments", "plain words", "shell"],
  ])("%s", (_what, input, line) => {
    expect(describeCall("shell", input)).toBe(line);
  });
});

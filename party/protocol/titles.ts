/** A title from what somebody wrote: its first line of words, cut. */

/** A rehearsal script begins with directives: their names make a poor title, the text behind some of them a good one. */
const SPOKEN = /^@(say|think|ask)\s+/;
/** What is left of a script then. A line that begins with the name of an agent is words. */
const DIRECTIVE = /^@(say|think|ask|tool|then|slow|fail|usage)(\s|$)/;

/** @returns an empty string when there is no line of words. @param chars at most, the sign of the cut included */
export function titleFrom(text: string, chars: number): string {
  const line = text
    .split("\n")
    .map((one) => one.replace(SPOKEN, "").replace(/\s+/g, " ").trim())
    .find((one) => one !== "" && !DIRECTIVE.test(one));
  if (line === undefined || line.length <= chars) return line ?? "";
  return `${line.slice(0, chars - 1).trimEnd()}…`;
}

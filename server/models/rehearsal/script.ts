/**
 * The rehearsal script: what a prompt tells the rehearsal model to do. Pure; the grammar is interfaces page, section 5.
 *
 * One directive a line. A line is a directive only when its first word is one of `WORDS`; everything else is plain words
 * for people and is not played.
 */

/** ms; longer pauses would outlast the watchdog that gives up on a silent model */
export const MAX_PAUSE_MS = 60_000;
/** pieces; far above what a screen can show, low enough that a typing slip cannot run for hours */
export const MAX_CHUNKS = 10_000;

/** How a text is streamed: in `chunks` pieces, `ms` apart. */
export type Pace = { chunks: number; ms: number };

export type Play =
  | { kind: "say" | "think"; text: string; pace?: Pace }
  | { kind: "tool"; name: string; input: string }
  | { kind: "ask"; question: string }
  | { kind: "fail"; code: string };

/** One turn of the model. `usage` is what it reports to have used. */
export type PlayedTurn = { plays: Play[]; usage?: { input: number; output: number } };

const WORDS = ["@say", "@think", "@tool", "@then", "@slow", "@ask", "@fail", "@usage"] as const;
type Word = (typeof WORDS)[number];

type Directive = { word: Word; rest: string };

function readLine(line: string): Directive | undefined {
  const trimmed = line.trim();
  const word = WORDS.find((candidate) => trimmed === candidate || trimmed.startsWith(`${candidate} `));
  return word && { word, rest: trimmed.slice(word.length).trim() };
}

/** True when at least one line is a directive. */
export function hasDirectives(text: string): boolean {
  return text.split("\n").some((line) => readLine(line) !== undefined);
}

/**
 * The turns of a script; none when there is no directive. A turn ends after a group of adjacent `@tool` lines, after
 * `@ask` (its answer opens the next one), at `@then` and at the end. `@then` with nothing before it in its turn is no
 * turn of its own: after a group of tools it says what is already so.
 */
export function parseScript(text: string): PlayedTurn[] {
  const turns: PlayedTurn[] = [];
  let turn: PlayedTurn = { plays: [] };
  let pace: Pace | undefined;
  let lastWasTool = false;

  const endTurn = (): void => {
    if (turn.plays.length > 0 || turn.usage) turns.push(turn);
    turn = { plays: [] };
  };
  const unreadable = (line: number, why: string): void => {
    turn.plays.push({ kind: "say", text: `Line ${line} of the script cannot be played: ${why}` });
  };

  for (const [index, line] of text.split("\n").entries()) {
    const directive = readLine(line);
    if (lastWasTool && directive?.word !== "@tool") endTurn();
    lastWasTool = directive?.word === "@tool";
    if (!directive) continue;
    const { word, rest } = directive;
    switch (word) {
      case "@say":
      case "@think":
        turn.plays.push({ kind: word === "@say" ? "say" : "think", text: rest, ...(pace && { pace }) });
        pace = undefined;
        break;
      case "@tool": {
        const [name, input] = splitWord(rest);
        if (name) turn.plays.push({ kind: "tool", name, input: input || "{}" });
        else unreadable(index + 1, "@tool needs the name of a tool.");
        break;
      }
      case "@then":
        endTurn();
        break;
      case "@slow": {
        const [chunks, ms] = twoNumbers(rest);
        if (chunks !== undefined && ms !== undefined && chunks >= 1 && chunks <= MAX_CHUNKS && ms <= MAX_PAUSE_MS) {
          pace = { chunks, ms };
        } else unreadable(index + 1, `@slow needs pieces (1 to ${MAX_CHUNKS}) and milliseconds (0 to ${MAX_PAUSE_MS}).`);
        break;
      }
      case "@ask":
        turn.plays.push({ kind: "ask", question: rest || "?" });
        endTurn();
        break;
      case "@fail":
        turn.plays.push({ kind: "fail", code: (splitWord(rest)[0] || "unknown").slice(0, 64) });
        endTurn();
        break;
      case "@usage": {
        const [input, output] = twoNumbers(rest);
        if (input !== undefined && output !== undefined) turn.usage = { input, output };
        else unreadable(index + 1, "@usage needs two numbers, the tokens read and the tokens written.");
        break;
      }
    }
  }
  endTurn();
  return turns;
}

function splitWord(text: string): [string, string] {
  const gap = text.search(/\s/);
  return gap < 0 ? [text, ""] : [text.slice(0, gap), text.slice(gap).trim()];
}

function twoNumbers(text: string): [number | undefined, number | undefined] {
  const parts = text.split(/\s+/);
  if (parts.length !== 2) return [undefined, undefined];
  const [first, second] = parts.map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : undefined));
  return [first, second];
}

/**
 * A text in exactly `chunks` pieces that join to it. Empty pieces keep the pace when there are more pieces than
 * characters; no piece ends inside a surrogate pair.
 */
export function cutInto(text: string, chunks: number): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let i = 1; i <= chunks; i++) {
    let to = Math.floor((i * text.length) / chunks);
    if (i < chunks && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    to = Math.max(from, to);
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

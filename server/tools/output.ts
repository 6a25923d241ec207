/** Keeps the head and the tail of a long output, and hands pieces of it to those who watch live. */
import { stripVTControlCharacters } from "node:util";
import { TOOL_LIMITS } from "./limits.ts";
import { RunTokenMask } from "./run-token.ts";

export interface CutText {
  text: string;
  truncated: boolean;
}

/** Room for the sentence that says what was cut, so that the whole stays within the limit. */
const NOTE_CHARS = 200;

/** Collects decoded output of any length in constant memory. */
export class OutputCollector {
  private readonly headChars: number;
  private readonly tailChars: number;
  private readonly decoder = new TextDecoder();
  private head = "";
  private tail = "";
  private totalChars = 0;
  private readonly mask: RunTokenMask;

  /** @param env of the command: the run's token in it is shown to nobody */
  constructor(maxChars: number = TOOL_LIMITS.outputChars, env: Readonly<Record<string, string>> = {}) {
    this.mask = new RunTokenMask(env);
    this.headChars = Math.floor((maxChars - NOTE_CHARS) / 2);
    this.tailChars = maxChars - NOTE_CHARS - this.headChars;
  }

  /** Takes bytes as they come (a character may be split across two calls) and returns the text that may be shown by now. */
  push(bytes: Uint8Array): string {
    const text = this.mask.push(this.decoder.decode(bytes, { stream: true }));
    this.keep(text);
    return text;
  }

  /** What was collected. Terminal control sequences are removed: they mean nothing to a model and can deceive a reader. */
  finish(): CutText {
    this.keep(this.mask.push(this.decoder.decode()) + this.mask.finish());
    const tail = tailOf(this.tail, this.tailChars);
    const hidden = this.totalChars - this.head.length - tail.length;
    if (hidden <= 0) return { text: plain(this.head + tail), truncated: false };
    const note = `Output was cut: ${count(hidden)} of ${count(this.totalChars)} characters in the middle are not shown.`;
    return { text: `${plain(headOf(this.head, this.headChars))}\n\n[${note}]\n\n${plain(tail)}`, truncated: true };
  }

  private keep(text: string): void {
    this.totalChars += text.length;
    const forHead = text.slice(0, this.headChars - this.head.length);
    this.head += forHead;
    this.tail += text.slice(forHead.length);
    if (this.tail.length > 4 * this.tailChars) this.tail = this.tail.slice(-this.tailChars);
  }
}

/** Cuts a text to the output limit, keeping head and tail and saying so. */
export function cutText(text: string, maxChars: number = TOOL_LIMITS.outputChars): CutText {
  if (text.length <= maxChars) return { text, truncated: false };
  const collector = new OutputCollector(maxChars);
  collector.push(new TextEncoder().encode(text));
  return collector.finish();
}

/** Adds a line to a text that may already be at the limit. */
export function withNote(text: string, note: string): string {
  return text === "" || text.endsWith("\n") ? `${text}${note}` : `${text}\n${note}`;
}

/** Passes text on at most every `TOOL_LIMITS.progressMs`, whole pieces merged; a flood shows its latest part. */
export class ProgressThrottle {
  private readonly send: (text: string) => void;
  private pending = "";
  private timer: NodeJS.Timeout | undefined;
  private sentAt = Number.NEGATIVE_INFINITY;

  constructor(send: (text: string) => void) {
    this.send = send;
  }

  push(text: string): void {
    this.pending += text;
    if (this.pending.length > 4 * TOOL_LIMITS.progressChars) this.pending = this.latest();
    if (this.pending === "" || this.timer !== undefined) return;
    const wait = this.sentAt + TOOL_LIMITS.progressMs - performance.now();
    if (wait <= 0) this.flush();
    else this.timer = setTimeout(() => this.flush(), wait);
  }

  /** Sends what is left and stops. */
  finish(): void {
    this.flush();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.pending === "") return;
    const text = plain(this.latest());
    this.pending = "";
    this.sentAt = performance.now();
    this.send(text);
  }

  private latest(): string {
    return tailOf(this.pending, TOOL_LIMITS.progressChars);
  }
}

/** Text as a person reads it: no escape sequences, no control characters but newline, tab and carriage return. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "");
}

/** The first characters of a text, never half of a surrogate pair. */
export function headOf(text: string, chars: number): string {
  return text.slice(0, chars).replace(/[\ud800-\udbff]$/, "");
}

/** The last characters of a text, never half of a surrogate pair. */
export function tailOf(text: string, chars: number): string {
  return text.slice(-chars).replace(/^[\udc00-\udfff]/, "");
}

/** A number as people read it: 1,234,567. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

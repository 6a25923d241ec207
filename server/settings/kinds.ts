/** The forms a setting may have: how its text is read, and the words for what it must look like. */

/** How the text of a setting becomes a value. */
export interface Kind<T> {
  /** ends the sentence "It must be …" */
  readonly form: string;
  /** undefined when the text has another form */
  parse(text: string): T | undefined;
}

const ON = new Set(["1", "true", "yes", "on"]);
const OFF = new Set(["0", "false", "no", "off"]);

/** 32 random bytes as base64url. */
const KEY = /^[A-Za-z0-9_-]{43}$/;

/** A whole number from `min` to `max`, both included. */
export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    form: max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
    parse(text) {
      const value = Number(text);
      return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
    },
  };
}

/** Yes or no. */
export const flag: Kind<boolean> = {
  form: "1 or 0 (also true or false)",
  parse(text) {
    const word = text.toLowerCase();
    return ON.has(word) ? true : OFF.has(word) ? false : undefined;
  },
};

/** Any text. @param min characters it must have */
export function anyText(min = 1, form = min > 1 ? `a text of at least ${min} characters` : "a text"): Kind<string> {
  return { form, parse: (text) => (text.length >= min ? text : undefined) };
}

/** One of some words. */
export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return { form: `one of ${words.join(", ")}`, parse: (text) => words.find((word) => word === text) };
}

/** Words separated by commas. */
export const list: Kind<readonly string[]> = {
  form: "a list separated by commas",
  parse: (text) =>
    text
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean),
};

/** A text of one pattern. @param form what the pattern means, in words */
export function matching(pattern: RegExp, form: string): Kind<string> {
  return { form, parse: (text) => (pattern.test(text) ? text : undefined) };
}

/** Any address of the web, without a slash at its end. */
export const webAddress: Kind<string> = {
  form: "a web address",
  parse: (text) => (/^https?:/.test(text) && URL.canParse(text) ? text.replace(/\/$/, "") : undefined),
};

/** An address of the web without a path. The value is its origin. */
export const webOrigin: Kind<string> = {
  form: "an address like https://atrium.example",
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url && (url.protocol === "http:" || url.protocol === "https:") && url.pathname === "/" ? url.origin : undefined;
  },
};

/** Where one of our own processes listens on this machine. The value is its origin. */
export const loopbackOrigin: Kind<string> = {
  form: "an address with a port, like http://127.0.0.1:3001",
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url?.protocol === "http:" && url.port !== "" ? url.origin : undefined;
  },
};

/** An address of one of some protocols, kept as it was written. */
export function address(protocols: readonly string[], example: string): Kind<string> {
  return {
    form: `an address like ${example}`,
    parse: (text) => (URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)) ? text : undefined),
  };
}

/** A key of the instance. */
export const key: Kind<string> = {
  form: "32 random bytes as 43 characters of base64url",
  parse: (text) => (KEY.test(text) ? text : undefined),
};

/** A time zone by its name. */
export const timeZone: Kind<string> = {
  form: "a time zone like Europe/Berlin",
  parse(text) {
    try {
      new Intl.DateTimeFormat("en", { timeZone: text });
      return text;
    } catch {
      return undefined;
    }
  },
};

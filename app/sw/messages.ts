/** What page, service worker and push say to each other. */

/** From the page to a waiting worker: take over now. */
export const SKIP_WAITING = "skip-waiting";
/** From the worker to a page: the person pressed a notification, show this. */
export const NOTIFICATION_MESSAGE = "atrium.open";

/** What a push says. It travels through a third party's service, so it names a thing and holds nothing of its content. */
export type PushNote = {
  title: string;
  body: string;
  /** path of the app that the press opens */
  url: string;
  /** one notification per tag */
  tag: string;
  /** label of the button */
  action: string;
};

const UNREADABLE: PushNote = {
  title: "Atrium",
  body: "Something needs a person.",
  url: "/",
  tag: "atrium",
  action: "Open",
};

/** The note in a push; a general one when it cannot be read: browsers insist that something is shown. */
export function readNote(text: string | undefined): PushNote {
  try {
    const value: unknown = JSON.parse(text ?? "");
    if (typeof value !== "object" || value === null) return UNREADABLE;
    const fields = new Map<string, unknown>(Object.entries(value));
    const read = (name: keyof PushNote): string => {
      const field = fields.get(name);
      return typeof field === "string" && field !== "" ? field : UNREADABLE[name];
    };
    const url = read("url");
    // Only a path of our own: `//host` and `https:` lead elsewhere.
    return { ...textsOf(read), url: /^\/(?!\/)/.test(url) ? url : UNREADABLE.url };
  } catch {
    return UNREADABLE;
  }
}

function textsOf(read: (name: keyof PushNote) => string): Omit<PushNote, "url"> {
  return { title: read("title"), body: read("body"), tag: read("tag"), action: read("action") };
}

/** The path a message of the worker asks the page to show; undefined for any other message. */
export function pathToOpen(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !("type" in data) || data.type !== NOTIFICATION_MESSAGE) return undefined;
  return "path" in data && typeof data.path === "string" ? data.path : undefined;
}

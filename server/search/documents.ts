/** What of the rooms' events becomes searchable, and how a document is written. Pure. */
import type { SEARCH_KINDS } from "../../db/schema/search.ts";
import type { Statement } from "../../db/write-queue.ts";
import type { StampedAgentEvent } from "../../party/protocol/agent.ts";
import { describeCall } from "../../party/protocol/agent-state.ts";
import { inlineText } from "../../party/protocol/common.ts";
import type { Stamped } from "../../party/protocol/run-events.ts";
import type { SessionEvent } from "../../party/protocol/session.ts";

/** characters of one document that are indexed; what lies behind is found by opening it */
export const BODY_CHARS = 20_000;

export type SearchKind = (typeof SEARCH_KINDS)[number];

export type Doc = {
  key: string;
  company: string;
  kind: SearchKind;
  /** id of the run, message or file */
  ref: string;
  agent?: string;
  session?: string;
  run?: string;
  seq?: number;
  byName: string;
  /** ISO 8601 UTC */
  at: string;
  body: string;
};

/** The words by which the index filters. An id is one word: the index would cut it at the underscore. */
export function scopeWords({ company, kind, agent }: Pick<Doc, "company" | "kind" | "agent">): string[] {
  return [company, `kind${kind}`, ...(agent === undefined ? [] : [agent])].map((word) => word.replaceAll("_", ""));
}

/** Writes a document, over the one with its key. */
export function writeDoc(doc: Doc): Statement {
  return {
    sql: `INSERT INTO search_docs (key, company, kind, ref, agent, session, run, seq, by_name, at, scope, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET body = excluded.body WHERE body <> excluded.body`,
    args: [
      doc.key,
      doc.company,
      doc.kind,
      doc.ref,
      doc.agent ?? null,
      doc.session ?? null,
      doc.run ?? null,
      doc.seq ?? null,
      doc.byName,
      doc.at,
      scopeWords(doc).join(" "),
      doc.body.slice(0, BODY_CHARS),
    ],
  };
}

export function removeDoc(key: string): Statement {
  return { sql: "DELETE FROM search_docs WHERE key = ?", args: [key] };
}

export const messageKey = (message: string): string => `message:${message}`;
export const fileKey = (file: string): string => `file:${file}`;

/** @param agentName who speaks where no person does */
export type RunPlace = {
  company: string;
  room: string;
  epoch: string;
  agent: string;
  agentName: string;
  /** the private conversation whose room it is */
  lane?: string | undefined;
};

/** The statements an event of an agent's room adds. @param answersIn the conversation its run answers in */
export function runDocs(place: RunPlace, event: StampedAgentEvent, answersIn: string | undefined): Statement[] {
  if (!("run" in event)) return [];
  const { company, agent, agentName } = place;
  // What happens in a private conversation's room is private, whoever asked for it there.
  const base = { company, agent, session: place.lane ?? answersIn, run: event.run, at: event.at };
  const step = (byName: string, body: string): Statement[] => {
    if (body.trim() === "") return [];
    const key = `step:${place.epoch}:${event.seq}:${place.room}`;
    return [writeDoc({ ...base, key, kind: "step", ref: event.run, seq: event.seq, byName, body })];
  };
  switch (event.type) {
    case "run.queued":
      return [
        writeDoc({ ...base, key: `run:${event.run}`, kind: "run", ref: event.run, byName: event.by.name, body: event.title }),
      ];
    case "message.user":
      return step(event.by.name, inlineText(event.text));
    case "block.ended":
      return event.kind === "text" && !event.void ? step(agentName, inlineText(event.text)) : [];
    case "tool.called":
      return step(agentName, describeCall(event.name, inlineText(event.input)));
    case "file.changed":
      return step(agentName, event.path);
    case "run.ended":
      return event.error ? step(agentName, event.error.message) : [];
    default:
      return [];
  }
}

/** The statements an event of a conversation's room adds. */
export function messageDocs(place: { company: string; room: string }, event: Stamped<SessionEvent>): Statement[] {
  switch (event.type) {
    case "message.posted": {
      const { id, by, text, at, run } = event.message;
      const body = inlineText(text);
      if (body === "" || by.kind === "system") return [];
      const agent = by.kind === "agent" ? by.id : undefined;
      return [
        writeDoc({
          key: messageKey(id),
          company: place.company,
          kind: "message",
          ref: id,
          agent,
          session: place.room,
          run,
          seq: event.seq,
          byName: by.name,
          at,
          body,
        }),
      ];
    }
    case "message.edited":
      return [
        {
          sql: "UPDATE search_docs SET body = ? WHERE key = ? AND session = ?",
          args: [inlineText(event.text).slice(0, BODY_CHARS), messageKey(event.message), place.room],
        },
      ];
    case "message.deleted":
      return [{ sql: "DELETE FROM search_docs WHERE key = ? AND session = ?", args: [messageKey(event.message), place.room] }];
    default:
      return [];
  }
}

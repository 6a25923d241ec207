import { linkOptions } from "@tanstack/react-router";
import { assertNever } from "../../../party/protocol/assert.ts";
import { Icon, type IconName } from "../../components/icon.tsx";
import { when } from "../../lib/format.ts";
import type { Found, Kind } from "./search-api.ts";

export const KIND_WORDS: Record<Kind, string> = { run: "Runs", step: "Steps", message: "Messages", file: "Files" };
const ICONS: Record<Kind, IconName> = { run: "layers", step: "terminal", message: "chat", file: "file" };

/** Where a found thing is: the exact step, message or file. */
export function placeOf(company: string, { kind, ref, agent = "", session = "", run = "", seq }: Found) {
  switch (kind) {
    case "run":
      return linkOptions({ to: "/c/$company/agents/$agent/runs/$run", params: { company, agent, run: ref } });
    case "step":
      return linkOptions({
        to: "/c/$company/agents/$agent/runs/$run",
        params: { company, agent, run },
        search: { step: seq },
      });
    case "message":
      return linkOptions({ to: "/c/$company/chats/$session", params: { company, session }, search: { message: ref } });
    case "file":
      return linkOptions({ to: "/c/$company/files", params: { company }, search: { file: ref } });
    default:
      return assertNever(kind);
  }
}

/** What was found, with the words that were looked for marked. */
export function FoundText({ found }: { found: Found }) {
  return (
    <>
      <Icon name={ICONS[found.kind]} />
      <span className="found-main">
        {found.kind !== "run" && (
          <b dir="auto">
            {found.title}
            <span className="vh">: </span>
          </b>
        )}
        <span className="found-text" dir="auto">
          {found.snippet.map((part, index) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name, and never move
            part.hit ? <mark key={index}>{part.text}</mark> : <span key={index}>{part.text}</span>,
          )}
        </span>
      </span>
      <span className="found-by">{found.agentName ?? found.byName}</span>
      <time dateTime={found.at}>{when(found.at, Date.now())}</time>
    </>
  );
}

import { Link } from "@tanstack/react-router";
import type { Message } from "../../../party/protocol/session.ts";
import { AgentAvatar, Avatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Markdown } from "../../components/markdown.tsx";
import { bytes, clock, when } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { useWholeText } from "../shell/whole-text.tsx";
import { Attachments } from "./attachments.tsx";
import { useDeeds, useIsEditing } from "./chat-context.tsx";
import { EditMessage } from "./edit-message.tsx";
import { Fold } from "./fold.tsx";
import { MessageActions } from "./message-actions.tsx";
import { type RowOf, toldWords } from "./rows.ts";

const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const DAY_AND_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });

/** One message with what belongs to it: its day, what it replies to, its files, what became of its edit. */
export function MessageView({ row, target }: { row: RowOf<"message">; target: boolean }) {
  const { message, own } = row;
  const editing = useIsEditing(message.id);
  return (
    <>
      {row.newDay && <DayLine at={message.at} />}
      {row.unread !== undefined && (
        <p className="unread-line">
          <span>{row.unread === 1 ? "1 new message" : `${row.unread} new messages`}</span>
        </p>
      )}
      {message.by.kind === "system" ? (
        <SystemNote message={message} />
      ) : (
        <article
          className={own ? "msg out" : "msg in"}
          data-target={target || undefined}
          data-first={row.first || undefined}
          aria-label={`${own ? "You" : message.by.name}, ${clock(message.at)}`}
        >
          {row.first && !own && <By message={message} />}
          {message.deleted ? (
            <p className="bubble gone">
              {own ? "You deleted this message" : `${firstName(message.by.name)} deleted this message`}
            </p>
          ) : editing ? (
            <EditMessage message={message} />
          ) : (
            <Said row={row} />
          )}
          <Meta row={row} />
        </article>
      )}
    </>
  );
}

function DayLine({ at }: { at: string }) {
  const date = new Date(at);
  const today = new Date();
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  const words =
    date.toDateString() === today.toDateString()
      ? "Today"
      : date.toDateString() === yesterday.toDateString()
        ? "Yesterday"
        : (date.getFullYear() === today.getFullYear() ? DAY : DAY_AND_YEAR).format(date);
  return (
    <p className="day">
      <span>{words}</span>
    </p>
  );
}

function By({ message: { by } }: { message: Message }) {
  return (
    <p className="msg-by">
      {by.kind === "agent" ? <AgentAvatar name={by.name} size="xs" /> : <Avatar person={by} size="xs" decorative />}
      <b>{by.name}</b>
    </p>
  );
}

function Said({ row: { message, own, quoted } }: { row: RowOf<"message"> }) {
  const { company } = useCompany();
  const hasText = inlineOf(message.text) !== "";
  const files = message.attachments ?? [];
  return (
    <div className="msg-line">
      <div className={bubbleClass(own, message.by.kind)}>
        {message.replyTo !== undefined && <Quote id={message.replyTo} quoted={quoted} />}
        {hasText && <Text message={message} />}
        {files.length > 0 && <Attachments company={company.id} files={files} />}
      </div>
      <MessageActions message={message} own={own} />
    </div>
  );
}

function bubbleClass(own: boolean, kind: Message["by"]["kind"]): string {
  if (own) return "bubble own";
  return kind === "agent" ? "bubble agent" : "bubble";
}

/** What was said; the whole of a long one is read when asked for. */
function Text({ message }: { message: Message }) {
  const { session } = useDeeds();
  const whole = useWholeText(message.text, { kind: "session", id: session }, false);
  return (
    <>
      <Fold text={whole.text} />
      {whole.state !== "whole" && (
        <button type="button" className="link" aria-busy={whole.state === "loading"} onClick={whole.load}>
          {whole.state === "loading"
            ? "Reading"
            : whole.state === "failed"
              ? "The rest could not be read. Try again"
              : `Show all, ${bytes(whole.bytes)}`}
        </button>
      )}
    </>
  );
}

/** The first words of what is replied to; a press goes there. */
export function Quote({ id, quoted }: { id: string; quoted: Message | undefined }) {
  const { jump } = useDeeds();
  const words = !quoted
    ? "An earlier message"
    : quoted.deleted
      ? "A deleted message"
      : inlineOf(quoted.text).replace(/\s+/g, " ").slice(0, 160) || "Files";
  return (
    <button type="button" className="quote" onClick={() => jump(id)}>
      <b>{quoted?.by.name ?? "Reply"}</b>
      <span dir="auto">{words}</span>
    </button>
  );
}

function Meta({ row: { message, own, last, told } }: { row: RowOf<"message"> }) {
  const { company } = useCompany();
  const wroteIt = message.run !== undefined && message.by.kind === "agent";
  if (!last && !wroteIt && !message.edited && told.length === 0) return null;
  return (
    <div className="msg-meta">
      {last && <time dateTime={message.at}>{clock(message.at).slice(0, 5)}</time>}
      {message.edited && !message.deleted && (
        <span title={message.editedAt && `Changed ${when(message.editedAt, Date.now())}`}>edited</span>
      )}
      {wroteIt && message.run !== undefined && (
        <Link to="/c/$company/agents/$agent/runs/$run" params={{ company: company.id, agent: message.by.id, run: message.run }}>
          open run
        </Link>
      )}
      {told.map((one) => (
        <span key={one.agent} className={own ? "told own" : "told"} data-s={one.state}>
          <Icon name={one.state === "acted" ? "warn" : "check"} />
          {toldWords(one)}
        </span>
      ))}
    </div>
  );
}

function SystemNote({ message }: { message: Message }) {
  const { askAgain, why } = useDeeds();
  const again = askAgain(message);
  return (
    <div className="chat-note">
      <Icon name="warn" className="wait" />
      <div className="grow">
        <Markdown text={inlineOf(message.text)} />
      </div>
      {again && (
        <Button small icon="undo" disabledBecause={why} onClick={again}>
          Ask again
        </Button>
      )}
    </div>
  );
}

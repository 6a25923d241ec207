import type { Message } from "../../../party/protocol/session.ts";
import { Icon } from "../../components/icon.tsx";
import { useCompany } from "../shell/company-context.tsx";
import { Attachments } from "./attachments.tsx";
import { useDeeds } from "./chat-context.tsx";
import { Fold } from "./fold.tsx";
import { Quote } from "./message-view.tsx";
import type { Outgoing } from "./outgoing.ts";

/** One's own message that the conversation does not have yet. */
export function SendingView({ outgoing, quoted }: { outgoing: Outgoing; quoted: Message | undefined }) {
  const { company } = useCompany();
  const { state, text, attachments, replyTo } = outgoing;
  return (
    <article className="msg out" data-first="" aria-label="Your message, on its way">
      <div className={state.kind === "failed" ? "bubble own failed" : "bubble own"}>
        {replyTo !== undefined && <Quote id={replyTo} quoted={quoted} />}
        {text !== "" && <Fold text={text} />}
        {attachments.length > 0 && <Attachments company={company.id} files={attachments} />}
      </div>
      <SendingMeta outgoing={outgoing} />
    </article>
  );
}

function SendingMeta({ outgoing: { key, state, stored } }: { outgoing: Outgoing }) {
  const { retrySending, discard } = useDeeds();
  if (state.kind === "sending") {
    return (
      <p className="msg-meta">
        <span className="tick-s">
          <Icon name={stored === undefined ? "clock" : "check"} />
          {stored === undefined ? "Sending" : "Sent"}
        </span>
      </p>
    );
  }
  const failed = state.kind === "failed";
  return (
    <p className="msg-meta" role="alert">
      <span className={failed ? "tick-s bad" : "tick-s"}>
        <Icon name={failed ? "warn" : "clock"} />
        {failed ? `Not sent. ${state.why}` : "Waits for the connection"}
      </span>
      <button type="button" className="link" onClick={() => retrySending(key)}>
        {failed ? "Retry" : "Try now"}
      </button>
      <button type="button" className="link" onClick={() => discard(key)}>
        Discard
      </button>
    </p>
  );
}

import { memo } from "react";
import { assertNever } from "../../../party/protocol/assert.ts";
import { AnswerView } from "./answer-view.tsx";
import { MessageView } from "./message-view.tsx";
import { type ChatRow, sameRow } from "./rows.ts";
import { SendingView } from "./sending-view.tsx";

/** One row of a conversation. Drawn again only when it changed. */
export const ChatRowView = memo(
  function ChatRowView({ row, target }: { row: ChatRow; target: boolean }) {
    switch (row.kind) {
      case "message":
        return <MessageView row={row} target={target} />;
      case "sending":
        return <SendingView outgoing={row.outgoing} quoted={row.quoted} />;
      case "answer":
        return <AnswerView answer={row.answer} />;
      default:
        return assertNever(row);
    }
  },
  (before, after) => before.target === after.target && sameRow(before.row, after.row),
);

import type { ActorRef, Attachment } from "../../../party/protocol/common.ts";
import type { Message } from "../../../party/protocol/session.ts";
import { body, inCompany } from "../../lib/api.ts";
import { apiFetch } from "../../lib/http.ts";
import type { MessagesPage } from "./history.ts";
import type { Written } from "./outgoing.ts";

const sessions = inCompany.sessions;
const ofSession = sessions[":sessionId"];

/** Conversations read at once; the first page also says how many are unread. */
const LIST_PAGE = "60";
/** Messages read at once on the way up. */
const MESSAGES_PAGE = "100";

export interface ChatFilter {
  archived: boolean;
  q: string;
}
/** What can be changed of a conversation. */
export interface ChatChange {
  title?: string;
  archived?: boolean;
  agents?: string[];
}

/** What the screens of conversations ask of the API. Every refusal is an ApiError with a sentence for the person. */
export const chatApi = {
  list: (companyId: string, { archived, q }: ChatFilter, cursor: string | undefined) =>
    body(
      sessions.$get({
        param: { companyId },
        query: {
          archived: archived ? "1" : "0",
          limit: LIST_PAGE,
          ...(q !== "" && { q }),
          ...(cursor !== undefined && { cursor }),
        },
      }),
    ),
  get: (companyId: string, sessionId: string) => body(ofSession.$get({ param: { companyId, sessionId } })),
  create: (
    companyId: string,
    json: { agentId: string; agents?: string[]; title?: string; private?: boolean; people?: string[] },
  ) => body(sessions.$post({ param: { companyId }, json })),
  change: (companyId: string, sessionId: string, version: number, change: ChatChange) =>
    body(ofSession.$patch({ param: { companyId, sessionId }, json: { ...change, version } })),
  read: (companyId: string, sessionId: string, seq: number) =>
    apiFetch(`/api/companies/${companyId}/sessions/${sessionId}/read`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ seq }),
    }),

  messages: async (companyId: string, sessionId: string, cursor: string | undefined): Promise<MessagesPage> => {
    const query = { limit: MESSAGES_PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await body(ofSession.messages.$get({ param: { companyId, sessionId }, query }));
    if (page.stale) throw new Error("the conversation's room did not answer");
    return { items: page.items, nextCursor: page.nextCursor ?? undefined };
  },
  post: (
    companyId: string,
    sessionId: string,
    { text, attachments, replyTo, mentions }: Written,
    key: string,
  ): Promise<Message> => {
    const json = {
      text,
      replyTo,
      mentions: mentions?.length ? [...mentions] : undefined,
      attachments: attachments.length > 0 ? attachments.map(({ file }) => file) : undefined,
    };
    return body(ofSession.messages.$post({ param: { companyId, sessionId }, json }, { headers: { "idempotency-key": key } }));
  },
};

/** A conversation as the lists show it. */
export type Chat = Awaited<ReturnType<typeof chatApi.list>>["items"][number] & {
  unread?: number;
  private?: boolean;
  agents?: { id: string; name: string }[];
  lastMessage?: { by: ActorRef; text: string } | null;
};

/** A file that was uploaded, as a message carries it: its type is what the server found in it. */
export async function uploadedFile(companyId: string, fileId: string): Promise<Attachment> {
  const { id, name, mime, bytes } = await body(inCompany.files[":fileId"].$get({ param: { companyId, fileId } }));
  return { file: id, name, mime, bytes };
}

/** Where a file is downloaded, or shown where it is of a kind that cannot do harm. */
export function fileUrl(companyId: string, fileId: string, inline = false): string {
  return `/api/companies/${companyId}/files/${fileId}/content${inline ? "?inline=1" : ""}`;
}

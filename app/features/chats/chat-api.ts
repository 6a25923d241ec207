import type { Attachment } from "../../../party/protocol/common.ts";
import type { Message } from "../../../party/protocol/session.ts";
import { body, inCompany } from "../../lib/api.ts";
import type { MessagesPage } from "./history.ts";
import type { Written } from "./outgoing.ts";

const sessions = inCompany.sessions;
const ofSession = sessions[":sessionId"];
const ofMessage = ofSession.messages[":messageId"];

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
  people?: string[];
}
export interface NewChat {
  agentId: string;
  agents?: string[];
  title?: string;
  private?: boolean;
  people?: string[];
}

/** What the screens of conversations ask of the API. Every refusal is an ApiError with a sentence for the person. */
export const chatApi = {
  list: (companyId: string, { archived, q }: ChatFilter, cursor: string | undefined) => {
    const filter = { archived: archived ? ("1" as const) : ("0" as const), limit: LIST_PAGE, ...(q !== "" && { q }) };
    return body(sessions.$get({ param: { companyId }, query: cursor === undefined ? filter : { ...filter, cursor } }));
  },
  get: (companyId: string, sessionId: string) => body(ofSession.$get({ param: { companyId, sessionId } })),
  create: (companyId: string, json: NewChat) => body(sessions.$post({ param: { companyId }, json })),
  change: (companyId: string, sessionId: string, version: number, change: ChatChange) =>
    body(ofSession.$patch({ param: { companyId, sessionId }, json: { ...change, version } })),
  read: (companyId: string, sessionId: string, seq: number) =>
    body(ofSession.read.$post({ param: { companyId, sessionId }, json: { seq } })),

  messages: async (companyId: string, sessionId: string, cursor: string | undefined): Promise<MessagesPage> => {
    const query = cursor === undefined ? { limit: MESSAGES_PAGE } : { limit: MESSAGES_PAGE, cursor };
    const page = await body(ofSession.messages.$get({ param: { companyId, sessionId }, query }));
    if (page.stale) throw new Error("the conversation's room did not answer");
    return { items: page.items, nextCursor: page.nextCursor ?? undefined };
  },
  post: (companyId: string, sessionId: string, written: Written, key: string): Promise<Message> => {
    const { text, attachments, replyTo, mentions } = written;
    const json = {
      text,
      replyTo,
      mentions: mentions?.length ? [...mentions] : undefined,
      attachments: attachments.length > 0 ? attachments.map(({ file }) => file) : undefined,
    };
    const headers = { "idempotency-key": key };
    return body(ofSession.messages.$post({ param: { companyId, sessionId }, json }, { headers }));
  },
  // Over REST and not over the room's socket: the records also know the messages that the room has let go of.
  edit: (companyId: string, sessionId: string, messageId: string, text: string) =>
    body(ofMessage.$patch({ param: { companyId, sessionId, messageId }, json: { text } })),
  remove: (companyId: string, sessionId: string, messageId: string) =>
    body(ofMessage.$delete({ param: { companyId, sessionId, messageId } })),
  retry: (companyId: string, sessionId: string, messageId: string) =>
    body(ofMessage.retry.$post({ param: { companyId, sessionId, messageId } })),
};

/** A conversation as the lists show it. */
export type Chat = Awaited<ReturnType<typeof chatApi.list>>["items"][number];

/** A file that was uploaded, as a message carries it: its type is what the server found in it. */
export async function uploadedFile(companyId: string, fileId: string): Promise<Attachment> {
  const { id, name, mime, bytes } = await body(inCompany.files[":fileId"].$get({ param: { companyId, fileId } }));
  return { file: id, name, mime, bytes };
}

/** Where a file is downloaded, or shown where it is of a kind that cannot do harm. */
export function fileUrl(companyId: string, fileId: string, inline = false): string {
  return `/api/companies/${companyId}/files/${fileId}/content${inline ? "?inline=1" : ""}`;
}

import { infiniteQueryOptions, keepPreviousData, queryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { ApiError } from "../../lib/http.ts";
import { queryClient } from "../../lib/queries.ts";
import { type Chat, type ChatChange, type ChatFilter, chatApi } from "./chat-api.ts";

/** What the sidebar counts and the list opens with. */
export const OPEN_CHATS: ChatFilter = { archived: false, q: "" };

export const chatsKey = (company: string) => ["chats", company] as const;

/** Conversations of a company, the newest talk first, page by page. */
export const chatsQuery = (company: string, filter: ChatFilter) =>
  infiniteQueryOptions({
    queryKey: [...chatsKey(company), filter],
    queryFn: ({ pageParam }) => chatApi.list(company, filter, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const chatQuery = (company: string, session: string) =>
  queryOptions({ queryKey: ["chat", company, session], queryFn: () => chatApi.get(company, session) });

/** Messages nobody has shown this person yet, over all conversations that are not archived. */
export function useUnreadCount(company: string): number {
  const query = useInfiniteQuery({
    ...chatsQuery(company, OPEN_CHATS),
    select: ({ pages }) => pages.reduce((sum, page) => sum + page.items.reduce((all, chat) => all + chat.unread, 0), 0),
  });
  return query.data ?? 0;
}

/** Shows a conversation as read at once; the records follow. */
export function showAsRead(company: string, session: string): void {
  queryClient.setQueriesData<ChatPages>({ queryKey: chatsKey(company) }, (data) =>
    changed(data, session, (chat) => ({ ...chat, unread: 0 })),
  );
}

/** Changes a conversation; where someone changed it meanwhile, what this person wants is put on top of that. */
export async function changeNewest(company: string, chat: { id: string; version: number }, change: ChatChange): Promise<void> {
  try {
    await changeChat(company, chat, change);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "version") throw error;
    await changeChat(company, await chatApi.get(company, chat.id), change);
  }
}

/** Changes a conversation in the records, and everywhere it is shown. */
async function changeChat(company: string, chat: { id: string; version: number }, change: ChatChange): Promise<void> {
  const now = await chatApi.change(company, chat.id, chat.version, change);
  queryClient.setQueryData(chatQuery(company, chat.id).queryKey, (before) => before && { ...before, ...now });
  await queryClient.invalidateQueries({ queryKey: chatsKey(company) });
}

/** The pages of a list as react-query keeps them. */
export interface ChatPages {
  pages: { items: Chat[]; nextCursor?: string | null }[];
  pageParams: (string | undefined)[];
}

function changed(data: ChatPages | undefined, id: string, change: (chat: Chat) => Chat): ChatPages | undefined {
  if (!data?.pages.some((page) => page.items.some((chat) => chat.id === id && chat.unread > 0))) return data;
  const pages = data.pages.map((page) => ({ ...page, items: page.items.map((chat) => (chat.id === id ? change(chat) : chat)) }));
  return { ...data, pages };
}

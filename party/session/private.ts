/** What a conversation's room keeps to itself: nothing so far. What it knows, everybody in it may know. */
export type SessionPrivate = Record<string, never>;

export const EMPTY_SESSION_PRIVATE: SessionPrivate = {};

import { useParams, useSearch } from "@tanstack/react-router";
import { ChatsScreen } from "../features/chats/chats-screen.tsx";

/** One conversation, at its newest or at the message the address names. */
export default function Chat() {
  const { session } = useParams({ from: "/c/$company/chats/$session" });
  const { message } = useSearch({ from: "/c/$company/chats/$session" });
  return <ChatsScreen session={session} message={message} />;
}

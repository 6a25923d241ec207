import { useMatch } from "@tanstack/react-router";
import { ChatsScreen } from "../features/chats/chats-screen.tsx";

/** Every conversation, the newest talk first, and the one that is open: at its newest or at the message the address names. */
export default function Chats() {
  const open = useMatch({ from: "/c/$company/chats/$session", shouldThrow: false });
  return <ChatsScreen session={open?.params.session} message={open?.search.message} />;
}

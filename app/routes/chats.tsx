import { ChatsScreen } from "../features/chats/chats-screen.tsx";

/** Every conversation, the newest talk first. */
export default function Chats() {
  return <ChatsScreen session={undefined} message={undefined} />;
}

import { useParams } from "@tanstack/react-router";
import { AgentScreen } from "../features/agent/agent-screen.tsx";

export default function Agent() {
  const { agent } = useParams({ from: "/c/$company/agents/$agent" });
  return <AgentScreen key={agent} agent={agent} run={undefined} />;
}

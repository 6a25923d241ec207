import { useParams, useSearch } from "@tanstack/react-router";
import { AgentScreen } from "../features/agent/agent-screen.tsx";

export default function Run() {
  const { agent, run } = useParams({ from: "/c/$company/agents/$agent/runs/$run" });
  const { step } = useSearch({ from: "/c/$company/agents/$agent/runs/$run" });
  return <AgentScreen key={agent} agent={agent} run={run} step={step} />;
}

import { useParams, useSearch } from "@tanstack/react-router";
import { WorkspaceScreen } from "../features/files/workspace-screen.tsx";

/** The workspace of an agent. */
export default function AgentFiles() {
  const { agent } = useParams({ from: "/c/$company/agents/$agent/files" });
  return <WorkspaceScreen agent={agent} search={useSearch({ from: "/c/$company/agents/$agent/files" })} />;
}

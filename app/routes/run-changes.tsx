import { useParams } from "@tanstack/react-router";
import { ChangesScreen } from "../features/files/changes-screen.tsx";

/** What a run changed. */
export default function RunChanges() {
  const { agent, run } = useParams({ from: "/c/$company/agents/$agent/runs/$run/changes" });
  return <ChangesScreen agent={agent} run={run} />;
}

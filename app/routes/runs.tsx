import { useSearch } from "@tanstack/react-router";
import { RunsScreen } from "../features/runs/runs-screen.tsx";

/** The runs of the company. */
export default function Runs() {
  return <RunsScreen search={useSearch({ from: "/c/$company/runs" })} />;
}

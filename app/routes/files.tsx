import { useSearch } from "@tanstack/react-router";
import { Library } from "../features/files/library.tsx";

/** The files of the company. */
export default function Files() {
  return <Library search={useSearch({ from: "/c/$company/files" })} />;
}

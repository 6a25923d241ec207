import { useSearch } from "@tanstack/react-router";
import { SearchPage } from "../features/search/search-page.tsx";

/** Everything that a search finds. */
export default function Search() {
  return <SearchPage search={useSearch({ from: "/c/$company/search" })} />;
}

import { Link } from "@tanstack/react-router";
import { EmptyState } from "../components/states.tsx";
import { useTitle } from "../lib/title.ts";

export default function NotFound() {
  useTitle("Nothing here");
  return (
    <main className="center-page">
      <EmptyState
        icon="search"
        title="There is nothing at this address"
        action={
          <Link className="btn primary" to="/">
            Go to the Floor
          </Link>
        }
      >
        It was moved or removed, or you may not see it.
      </EmptyState>
    </main>
  );
}

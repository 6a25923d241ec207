import { useEffect } from "react";

/** Names the tab after the screen it shows. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} - Atrium`;
  }, [title]);
}

import { useEffect, useState } from "react";

/**
 * The token behind the # of a link that was mailed or handed over; undefined without one. It is taken out of the address bar at
 * once, so that it stays in no history and on no screen that is shared.
 */
export function useLinkToken(): string | undefined {
  const [token, setToken] = useState(tokenHere);
  useEffect(() => {
    // The link may be opened in the tab that asked for it: then only what stands behind the # changes.
    const take = (): void => {
      const given = tokenHere();
      if (given === undefined) return;
      setToken(given);
      history.replaceState(history.state, "", window.location.pathname);
    };
    take();
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);
  return token;
}

function tokenHere(): string | undefined {
  return window.location.hash.slice(1) || undefined;
}

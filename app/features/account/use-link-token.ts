import { useEffect, useState } from "react";

/**
 * The token behind the # of a link that was mailed or handed over; undefined without one. It is taken out of the address bar at
 * once, so that it stays in no history and on no screen that is shared.
 */
export function useLinkToken(): string | undefined {
  const [token] = useState(() => window.location.hash.slice(1) || undefined);
  useEffect(() => {
    if (token !== undefined) history.replaceState(history.state, "", window.location.pathname);
  }, [token]);
  return token;
}

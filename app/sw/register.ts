/** The page's side of the service worker: registers it, offers a new version, follows a pressed notification. */
import { toast } from "../components/toast.tsx";
import { pathToOpen, SKIP_WAITING } from "./messages.ts";

/** ms between two looks for a new version while a page stays open */
const UPDATE_EVERY_MS = 3_600_000;

/** @param open shows a path of the app without loading the page anew */
export async function registerWorker(open: (path: string) => void): Promise<void> {
  const { serviceWorker } = navigator;
  // The first worker takes over a page that has none: that is no new version.
  const hadWorker = serviceWorker.controller !== null;
  serviceWorker.addEventListener("message", ({ data }) => {
    const path = pathToOpen(data);
    if (path !== undefined) open(path);
  });
  const registration = await serviceWorker.register("/sw.js", { updateViaCache: "none" });
  if (!hadWorker) return;
  serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  if (registration.waiting) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed") offer(fresh);
    });
  });
  setInterval(() => void registration.update().catch(ignoreOffline), UPDATE_EVERY_MS);
}

function offer(worker: ServiceWorker): void {
  const reload = { label: "Reload", run: () => worker.postMessage(SKIP_WAITING) };
  toast("info", "There is a new version of Atrium. What you wrote is kept.", reload, true);
}

/** Looking for a new version without a network finds nothing, and that is no fault. */
function ignoreOffline(error: unknown): void {
  if (navigator.onLine) console.warn("a new version could not be looked for", error);
}

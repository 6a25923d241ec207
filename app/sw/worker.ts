/**
 * The service worker: keeps the shell of the app, so that it opens without a network, and shows what is pushed, also when no
 * page is open. It never keeps answers of the API and never touches rooms.
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NOTIFICATION_MESSAGE, readNote, SKIP_WAITING } from "./messages.ts";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

const SHELL = "/index.html";
/** What belongs to programs or shows other people's documents: never answered with the shell. */
const NOT_SCREENS = /^\/(api|internal|parties|webhooks|runners|artifacts|metrics|healthz|readyz)(\/|$)/;

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

const shell = createHandlerBoundToURL(SHELL);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.mode !== "navigate" || url.origin !== self.location.origin || NOT_SCREENS.test(url.pathname)) return;
  event.respondWith(shell({ event, request, url }));
});

self.addEventListener("message", (event) => {
  // Sent by the page when the person chose to reload; until then the old version goes on as it is.
  if (event.data === SKIP_WAITING) void self.skipWaiting();
});

self.addEventListener("push", (event) => {
  const note = readNote(event.data?.text());
  event.waitUntil(
    self.registration.showNotification(note.title, {
      body: note.body,
      // A later push about the same thing takes the place of the earlier one.
      tag: note.tag,
      icon: "/icons/icon-192.png",
      badge: "/icons/badge-96.png",
      data: note.url,
      actions: [{ action: "open", title: note.action }],
    } as NotificationOptions),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openAt(String(event.notification.data ?? "/")));
});

/** Shows the address in a window that is open already, else in a new one. */
async function openAt(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const [window] = [...windows].sort((a, b) => Number(b.focused) - Number(a.focused));
  if (!window) {
    await self.clients.openWindow(path);
    return;
  }
  window.postMessage({ type: NOTIFICATION_MESSAGE, path });
  await window.focus();
}

/** The service worker of a page, as a push service and a notification that is pressed reach it. */
import type { CDPSession, Worker } from "@playwright/test";
import { expect } from "@playwright/test";
import type { PushPayload } from "../../../server/notify/notifier.ts";
import type { Seat } from "./seat.ts";

/** The worker that has taken its place for the pages of this seat. */
export async function installedWorker({ page, context }: Seat): Promise<Worker> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  const [worker] = context.serviceWorkers();
  if (!worker) throw new Error("no service worker was installed");
  return worker;
}

/** Delivers a push as the browser does when its push service brings one. */
export async function deliverPush({ page, context }: Seat, payload: PushPayload): Promise<void> {
  const session = await context.newCDPSession(page);
  const origin = new URL(page.url()).origin;
  const registrationId = await registrationOf(session, origin);
  await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data: JSON.stringify(payload) });
  await session.detach();
}

async function registrationOf(session: CDPSession, origin: string): Promise<string> {
  const named = new Promise<string>((resolve) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const own = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(origin) && !isDeleted);
      if (own) resolve(own.registrationId);
    });
  });
  await session.send("ServiceWorker.enable");
  return named;
}

/** What is shown to the person now: titles and texts. */
export function shownNotes({ page }: Seat): Promise<{ title: string; body: string }[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
  });
}

/**
 * Presses the notification that is shown. A press by hand also keeps the worker awake and lets it bring its window to the
 * front; an event made by a program may do neither, so these two are left out.
 */
export async function pressNote(worker: Worker): Promise<void> {
  // The types of a worker's world are not those of the test: it goes over as text.
  const shown = await worker.evaluate<number>(`(async () => {
    const notes = await registration.getNotifications();
    for (const notification of notes) {
      const press = new NotificationEvent("notificationclick", { notification });
      Object.defineProperty(press, "waitUntil", { value: (work) => work.catch(() => undefined) });
      dispatchEvent(press);
    }
    return notes.length;
  })()`);
  expect(shown, "notifications to press").toBe(1);
}

/** Push as this browser allows it. */
import { notifyApi } from "./notify-api.ts";

/** Where this browser's own note of its subscription lies, so that the list can tell which device is this one. */
const MINE = "atrium.push";

/**
 * - `unsupported`: it cannot, and why
 * - `denied`: the person said no to the browser, which alone can take that back
 */
export type PushState = { kind: "unsupported"; why: string } | { kind: "denied" } | { kind: "off" } | { kind: "on"; id: string };

export async function pushState(): Promise<PushState> {
  if (!window.isSecureContext)
    return { kind: "unsupported", why: "Browsers push only to pages opened over HTTPS, or on this machine itself." };
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    const why = /iP(hone|ad)/.test(navigator.userAgent)
      ? "On an iPhone, add Atrium to the home screen first and open it from there."
      : "This browser cannot be pushed to.";
    return { kind: "unsupported", why };
  }
  if (Notification.permission === "denied") return { kind: "denied" };
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  const id = localStorage.getItem(MINE);
  return subscription && id ? { kind: "on", id } : { kind: "off" };
}

/** Asks the person, subscribes, and tells Atrium. @throws Error with a sentence */
export async function turnOn(publicKey: string): Promise<void> {
  const permission = await Notification.requestPermission();
  if (permission !== "granted") throw new Error("The browser did not allow it. Nothing was changed.");
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: publicKey })
    .catch((error: unknown) => {
      throw new Error("The browser's push service did not answer. Try again later.", { cause: error });
    });
  const { endpoint, keys } = subscription.toJSON();
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Error("The browser gave no address to push to.");
  const { id } = await notifyApi.subscribe({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } });
  localStorage.setItem(MINE, id);
}

/** @param id of the device on Atrium's list; this browser's own permission goes with it */
export async function turnOff(id: string): Promise<void> {
  if (localStorage.getItem(MINE) === id) {
    const registration = await navigator.serviceWorker.getRegistration();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
    localStorage.removeItem(MINE);
  }
  await notifyApi.unsubscribe(id);
}

/** Whether single keys act on this device. Some assistive tools type keys of their own, so it can be switched off. */
const KEY = "atrium.single-keys";

/** The choice while storage is blocked. */
let chosen = true;

export function singleKeys(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return chosen;
  }
}

export function setSingleKeys(on: boolean): void {
  chosen = on;
  try {
    if (on) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, "off");
  } catch {
    // storage is blocked: the choice holds until the page is closed
  }
}

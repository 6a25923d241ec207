/** ms between updates of a hidden page, where the browser draws no frames */
const HIDDEN_MS = 250;

/** Runs at the next animation frame, or a little later while nobody can see the page. */
export function onNextFrame(run: () => void): void {
  if (document.visibilityState === "hidden") setTimeout(run, HIDDEN_MS);
  else requestAnimationFrame(run);
}

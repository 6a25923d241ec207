/** A viewer whose network is late: what the rooms say arrives when the test lets it. */
import type { Page } from "@playwright/test";

type SlowNetwork = {
  /** From now on nothing arrives; what is said is kept. What the viewer says goes out as ever. */
  hold(): void;
  /** Everything kept arrives, in its order, and what follows at once. */
  release(): void;
};

/** Puts itself between a page and its rooms. To be called before the page is opened. */
export async function slowNetwork(page: Page): Promise<SlowNetwork> {
  let held: (() => void)[] | undefined;
  await page.routeWebSocket(/\/parties\//, (viewer) => {
    const room = viewer.connectToServer();
    viewer.onMessage((frame) => room.send(frame));
    room.onMessage((frame) => {
      if (held) held.push(() => viewer.send(frame));
      else viewer.send(frame);
    });
  });
  return {
    hold: () => {
      held ??= [];
    },
    release: () => {
      const waiting = held ?? [];
      held = undefined;
      for (const deliver of waiting) deliver();
    },
  };
}

import { expect, test } from "vitest";
import { BACKOFF_MAX_MS, BACKOFF_MIN_MS } from "../../lib/room/backoff.ts";
import { AskAgain } from "./ask-again.ts";

/** A server that answers when `isThere`, and a clock that is turned by hand. */
function setUp() {
  const world = { isThere: false, asked: 0, answered: 0, waits: [] as number[], next: undefined as (() => void) | undefined };
  const again = new AskAgain({
    ask: async () => {
      world.asked += 1;
      return world.isThere;
    },
    answered: () => {
      world.answered += 1;
    },
    after: (ms, run) => {
      world.waits.push(ms);
      world.next = run;
      return () => {
        world.next = undefined;
      };
    },
    random: () => 1,
  });
  /** the wait is over, and the answer, or none, is in */
  const tick = async (): Promise<void> => {
    world.next?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { world, again, tick };
}

test("it asks with longer and longer waits until there is an answer, and then no more", async () => {
  const { world, tick } = setUp();
  for (let n = 0; n < 12; n += 1) await tick();
  expect(world.asked).toBe(12);
  expect(world.waits[0]).toBe(BACKOFF_MIN_MS);
  expect(world.waits.at(-1)).toBe(BACKOFF_MAX_MS);
  expect(world.waits).toEqual([...world.waits].sort((a, b) => a - b));
  world.isThere = true;
  await tick();
  expect(world.answered).toBe(1);
  expect(world.next).toBeUndefined();
});

test("a network that is back is asked at once, and after that with short waits again", async () => {
  const { world, again, tick } = setUp();
  for (let n = 0; n < 6; n += 1) await tick();
  again.now();
  expect(world.asked).toBe(7);
  await tick();
  expect(world.waits.at(-1)).toBe(BACKOFF_MIN_MS);
});

test("a page that is left asks nothing any more, and does not come back", async () => {
  const { world, again } = setUp();
  world.isThere = true;
  again.now();
  again.stop();
  await Promise.resolve();
  expect(world.answered).toBe(0);
  again.now();
  expect(world.asked).toBe(1);
  expect(world.next).toBeUndefined();
});

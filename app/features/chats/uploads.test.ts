import { expect, it } from "vitest";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { type UploadEvents, UploadTray, uploadWords } from "./uploads.ts";

/** A server that takes uploads, under the test's hand. */
class Server {
  readonly begun: { file: File; events: UploadEvents; stopped?: boolean }[] = [];
  kept: string | null = null;
  #ids = 0;

  open(): UploadTray {
    return new UploadTray({
      start: (file, events) => {
        const upload: (typeof this.begun)[number] = { file, events };
        this.begun.push(upload);
        return (forGood) => {
          upload.stopped = forGood;
        };
      },
      newId: () => `up${++this.#ids}`,
      read: () => this.kept,
      write: (text) => {
        this.kept = text;
      },
    });
  }

  done(index: number): void {
    const { file, events } = this.begun[index] ?? {};
    if (file) events?.done({ file: `fi_${file.name}`, name: file.name, mime: "text/plain", bytes: file.size });
  }
}

const file = (name: string, text = "12345"): File => new File([text], name);
const states = (tray: UploadTray): string[] => tray.getView().map(({ name, state }) => `${name} ${state.kind}`);

it("files go with the message when they have arrived, and only those", () => {
  const server = new Server();
  const tray = server.open();
  expect(tray.add([file("a.txt"), file("b.txt")])).toBeUndefined();
  server.begun[0]?.events.progress(2);
  expect(tray.getView().map(uploadWords)).toEqual(["2 B of 5 B", "0 B of 5 B"]);
  server.done(0);
  expect(tray.take().map(({ name }) => name)).toEqual(["a.txt"]);
  expect(states(tray)).toEqual(["b.txt sending"]);
});

it("more files than a message takes are left out by name", () => {
  const tray = new Server().open();
  const many = Array.from({ length: LIMITS.attachments + 5 }, (_, i) => file(`f${i}.txt`));
  expect(tray.add(many)).toBe(
    "A message takes 10 files. f10.txt, f11.txt, f12.txt and 2 more were left out: send them with the next one.",
  );
  expect(tray.getView()).toHaveLength(LIMITS.attachments);
  expect(tray.add([file("one.txt")])).toBe("A message takes 10 files. one.txt was left out: send them with the next one.");
});

it("one that is taken out is stopped for good; one that failed goes on when asked", () => {
  const server = new Server();
  const tray = server.open();
  tray.add([file("a.txt"), file("b.txt")]);
  tray.remove("up1");
  expect(server.begun[0]?.stopped).toBe(true);
  server.begun[1]?.events.failed("It did not arrive.");
  expect(states(tray)).toEqual(["b.txt failed"]);
  tray.retry("up2");
  expect([states(tray), server.begun.length]).toEqual([["b.txt sending"], 3]);
});

it("after a reload what arrived is there, and what did not goes on once it is chosen again", () => {
  const server = new Server();
  const before = server.open();
  before.add([file("a.txt"), file("b.txt", "12")]);
  server.done(0);
  const tray = server.open();
  expect(states(tray)).toEqual(["a.txt done", "b.txt lost"]);
  tray.add([file("b.txt", "12"), file("c.txt")]);
  expect(states(tray)).toEqual(["a.txt done", "b.txt sending", "c.txt sending"]);
});

it("a store that was written by something else is no reason to break", () => {
  for (const kept of ["{", "7", "[null, {}]"]) {
    const server = new Server();
    server.kept = kept;
    expect(server.open().getView()).toEqual([]);
  }
});

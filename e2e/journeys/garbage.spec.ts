import { lines } from "./support/scripts.ts";
import { PHONE } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

const MARKUP = `<img src=x onerror="document.title='taken over'"><script>document.title='taken over'</script><b>bold</b>`;
/** Turns the order of what follows: "gpj.exe" reads as "exe.jpg". */
const RTL_OVERRIDE = "\u202e";

test("what is pasted is too long: it is said before anything travels, and nothing is lost", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  const sockets: string[] = [];
  ana.page.on("websocket", (socket) => sockets.push(socket.url()));
  const pasted = "All work and no play. ".repeat(9_300);
  await ana.composer.fill(pasted);
  await ana.button("Start a run").click();
  await expect(ana.page.getByRole("alert")).toHaveText(/^Not sent\. It is 200 KB long, and 48 KB can be sent at once\./);
  await expect(ana.composer).toHaveValue(pasted);
  // Quotes and line ends take two bytes on the way: below the limit of a text, above that of a frame.
  await ana.composer.fill('"'.repeat(45_000));
  await ana.button("Start a run").click();
  await expect(ana.page.getByRole("alert")).toHaveText(/^Not sent\. It is too long to send at once/);
  await ana.say("@say Short enough.");
  await expect(ana.written("Short enough.")).toBeVisible();
  expect(sockets, "the connection was never cut").toEqual([]);
});

test("markup and hidden characters are shown as what they are", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  const command = `echo ${RTL_OVERRIDE}gpj.exe`;
  await ana.say(lines(MARKUP, `@say ${MARKUP}`, `@tool shell ${JSON.stringify({ command })}`, "@say Over."));
  for (const seat of [ana, bo]) {
    await expect(seat.written(MARKUP)).toBeVisible();
    await expect(seat.gate.getByText("echo \\u{202e}gpj.exe", { exact: true })).toBeVisible();
    await expect(seat.gate.getByText("Hidden characters in this call are written out")).toBeVisible();
    await expect(seat.log.locator("img, script, b b")).toHaveCount(0);
    expect(await seat.page.title()).toBe("Guide - Atrium");
  }
  await bo.press(bo.allow);
  for (const seat of [ana, bo]) await expect(seat.ended("Finished")).toBeVisible();
  const rows = await ana.transcript();
  expect(rows.join("\n"), "nothing on the screen turns the reading order").not.toContain(RTL_OVERRIDE);
  expect(await bo.transcript()).toEqual(rows);
});

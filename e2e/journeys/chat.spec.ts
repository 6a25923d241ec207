import { expectAccessible } from "./support/accessible.ts";
import { endlessly, lines, shell, slowly } from "./support/scripts.ts";
import { PHONE } from "./support/seat.ts";
import { beginTalk, hireAgent, Talk } from "./support/talk.ts";
import { expect, test } from "./support/test.ts";

const WRITE = '@tool write_file {"path":"notes.txt","content":"noted"}';

test("a typo in a sent message is fixed: everyone sees 'edited', and the agent says that it had already acted", async ({
  office,
  sit,
}) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent, title: "Notes" });
  const ana = new Talk(await sit(office.ana), office.company, session);
  const bo = new Talk(await sit(office.bo, PHONE), office.company, session);
  for (const talk of [ana, bo]) await talk.open();

  await ana.say(lines("Write teh notes", WRITE, "@say They are written."));
  for (const talk of [ana, bo]) await expect(talk.answer("Guide", "They are written.")).toBeVisible();

  await ana.field.press("ArrowUp");
  const edit = ana.seat.page.getByRole("textbox", { name: "Change the message" });
  await edit.fill(lines("Write the notes", WRITE, "@say They are written."));
  await edit.press("Enter");
  for (const talk of [ana, bo]) {
    const message = talk.message("Write the notes");
    await expect(message).toContainText("edited");
    await expect(message).toContainText("Guide had already acted on the old text: 1 call, 1 file changed.");
    await expect(talk.message("teh")).toBeHidden();
  }
});

test("an edit reaches an agent that is at work", async ({ office, sit }) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent });
  const ana = new Talk(await sit(office.ana), office.company, session);
  await ana.open();
  await ana.say(lines("Go slowly", endlessly()));
  await expect(ana.answering("Guide")).toContainText("This would");
  await ana.field.press("ArrowUp");
  const edit = ana.seat.page.getByRole("textbox", { name: "Change the message" });
  await edit.fill(lines("Go slower", endlessly()));
  await edit.press("Enter");
  await expect(ana.message("Go slower")).toContainText("Guide was already at work and was told of the new text");
  await ana.answering("Guide").getByRole("button", { name: "Stop" }).click();
  await expect(ana.answering("Guide")).toBeHidden();
});

test("a mention picks who answers, chosen by keyboard", async ({ office, sit }) => {
  const scout = await hireAgent(office.ana, office.company, "Scout");
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent, agents: [office.agent, scout] });
  const ana = new Talk(await sit(office.ana), office.company, session);
  await ana.open();
  await ana.field.pressSequentially("@s");
  await expect(ana.seat.page.getByRole("option", { name: "Scout" })).toBeVisible();
  await ana.field.press("Enter");
  await expect(ana.field).toHaveValue("@Scout ");
  await ana.field.pressSequentially("look around");
  await ana.field.press("Shift+Enter");
  await ana.field.pressSequentially("@say I looked.");
  await ana.field.press("Enter");
  await expect(ana.answer("Scout", "I looked.")).toBeVisible();
  await ana.say(lines("And who are you?", "@say The one by default."));
  await expect(ana.answer("Guide", "The one by default.")).toBeVisible();
  await expect(ana.log.getByRole("article", { name: /^Scout, / })).toHaveCount(1);
});

test("an answer is stopped by somebody else, and asked for again", async ({ office, sit }) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent });
  const ana = new Talk(await sit(office.ana), office.company, session);
  const bo = new Talk(await sit(office.bo), office.company, session);
  for (const talk of [ana, bo]) await talk.open();
  await ana.say(lines("Never end", slowly(30, "On and on it goes. ".repeat(20))));
  for (const talk of [ana, bo]) await expect(talk.answering("Guide")).toContainText("On and on");
  await bo.answering("Guide").getByRole("button", { name: "Stop" }).click();
  for (const talk of [ana, bo]) await expect(talk.answering("Guide")).toBeHidden();
  await ana.choose(ana.message("Never end"), "Ask again");
  for (const talk of [ana, bo]) await expect(talk.answering("Guide")).toBeVisible();
  await ana.answering("Guide").getByRole("button", { name: "Stop" }).click();
  await expect(ana.answering("Guide")).toBeHidden();
});

test("what an answer waits for is decided where the talk is", async ({ office, sit }) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent });
  const ana = new Talk(await sit(office.ana), office.company, session);
  const bo = new Talk(await sit(office.bo), office.company, session);
  for (const talk of [ana, bo]) await talk.open();
  await ana.say(lines("Run it", shell("echo allowed-in-the-talk"), "@say It ran."));
  await expect(bo.answering("Guide")).toContainText("Waits for a decision");
  await bo.answering("Guide").getByRole("button", { name: "Allow", exact: true }).click();
  for (const talk of [ana, bo]) await expect(talk.answer("Guide", "It ran.")).toBeVisible();
});

test("a person takes over: agents stay silent, until it is handed back", async ({ office, sit }) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent });
  const ana = new Talk(await sit(office.ana), office.company, session);
  const bo = new Talk(await sit(office.bo), office.company, session);
  for (const talk of [ana, bo]) await talk.open();
  await bo.seat.button("Take over").click();
  await expect(ana.seat.page.getByText("Bo has taken over from Guide")).toBeVisible();
  await ana.say(lines("Anyone there?", "@say Nobody should hear this."));
  await bo.say("I am.");
  await expect(ana.message("I am.")).toBeVisible();
  await ana.seat.button("Hand back now").click();
  await expect(bo.seat.page.getByText("taken over")).toBeHidden();
  await ana.say(lines("And now?", "@say Back again."));
  await expect(bo.answer("Guide", "Back again.")).toBeVisible();
  await expect(bo.answer("Guide", "Nobody should hear this.")).toBeHidden();
});

test("a copied link opens at its message, also far above what the room remembers", async ({ office, sit }) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent });
  await office.ana.takeOver(office.company, session);
  const first = "The line somebody will look for.";
  for (const text of [first, ...Array.from({ length: 260 }, (_, i) => `Filler ${i}`)])
    await office.ana.post(office.company, session, text);

  const ana = new Talk(await sit(office.ana), office.company, session);
  await ana.seat.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await ana.open();
  await expect(ana.message("Filler 259")).toBeVisible();
  await ana.log.press("Home");
  // Each page that comes in above leaves the reader where they are.
  await expect(async () => {
    await ana.log.press("Home");
    await expect(ana.message(first)).toBeVisible({ timeout: 500 });
  }).toPass();
  await ana.choose(ana.message(first), "Copy link");
  const link = await ana.seat.page.evaluate(() => navigator.clipboard.readText());

  const bo = await sit(office.bo);
  await bo.page.goto(link);
  const found = new Talk(bo, office.company, session).message(first);
  await expect(found).toBeInViewport();
  await expect(found).toHaveAttribute("data-target", "true");

  const stranger = new URL(link);
  stranger.searchParams.set("message", "msg_00000000000000000000000000");
  await bo.page.goto(stranger.href);
  await expect(bo.page.getByText("That message is not here any more")).toBeVisible();
});

test("what one person has not read yet is counted until they look at it", async ({ office, sit }) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent, title: "News" });
  await office.ana.takeOver(office.company, session);
  const bo = await sit(office.bo);
  await bo.page.goto(`/c/${office.company}`);
  await expect(bo.page.getByRole("link", { name: "Conversations" })).toBeVisible();
  for (const text of ["First", "Second"]) await office.ana.post(office.company, session, text);
  await expect(bo.page.getByRole("link", { name: /^Conversations ?, 2 unread/ })).toBeVisible();
  await expect(bo.page).toHaveTitle(/^\(2\) /);

  await bo.page.getByRole("link", { name: /^Conversations/ }).click();
  await bo.page.getByRole("link", { name: /News.*2 unread/ }).click();
  const talk = new Talk(bo, office.company, session);
  await expect(talk.log.getByText("2 new messages")).toBeVisible();
  await expect(bo.page).toHaveTitle(/^News/);
  await expect(bo.page.getByRole("link", { name: "Conversations", exact: true })).toBeVisible();
  await bo.page.reload();
  await expect(talk.message("Second")).toBeVisible();
  await expect(bo.page).toHaveTitle(/^News/);
});

test("a picture is pasted, survives a reload of the draft, and everyone sees it", async ({ office, sit }) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent });
  await office.ana.takeOver(office.company, session);
  const ana = new Talk(await sit(office.ana), office.company, session);
  const bo = new Talk(await sit(office.bo, PHONE), office.company, session);
  for (const talk of [ana, bo]) await talk.open();
  await ana.field.fill("Look at this");
  await ana.field.evaluate((field, png) => {
    const clipboard = new DataTransfer();
    const bytes = Uint8Array.from(atob(png), (char) => char.charCodeAt(0));
    clipboard.items.add(new File([bytes], "dot.png", { type: "image/png" }));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true }));
  }, DOT_PNG);
  const files = ana.seat.page.getByRole("list", { name: "Files to send" });
  await expect(files.getByRole("button", { name: "Take dot.png out" })).toBeVisible();

  await ana.seat.page.reload();
  await expect(files.getByText("dot.png")).toBeVisible();
  await expect(ana.field).toHaveValue("Look at this");
  await ana.entered();
  await ana.field.press("Enter");
  for (const talk of [ana, bo]) {
    const picture = talk.message("Look at this").getByRole("img", { name: "dot.png" });
    await expect(picture).toBeVisible();
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  }
});

test("a message written without a network waits, is sent once when it is back, and can be discarded", async ({ office, sit }) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent });
  await office.ana.takeOver(office.company, session);
  const ana = new Talk(await sit(office.ana), office.company, session);
  const bo = new Talk(await sit(office.bo), office.company, session);
  for (const talk of [ana, bo]) await talk.open();
  await ana.seat.context.setOffline(true);
  for (const text of ["One", "Two", "Three"]) await ana.say(text);
  await expect(ana.message("Three")).toContainText("Waits for the connection");
  await ana.message("Two").getByRole("button", { name: "Discard" }).click();
  await ana.seat.context.setOffline(false);
  for (const talk of [ana, bo]) {
    await expect(talk.message("Three")).toBeVisible();
    await expect(talk.log.getByText("Waits for the connection")).toHaveCount(0);
    await expect(talk.message("One")).toHaveCount(1);
    await expect(talk.message("Two")).toHaveCount(0);
  }
});

test("a private conversation is seen by those it names, and by nobody else", async ({ office, newcomer, sit }) => {
  const cleo = await newcomer("Cleo");
  const ana = await sit(office.ana);
  await ana.page.goto(`/c/${office.company}/chats`);
  await expect(ana.page.getByRole("heading", { name: "No conversations yet" })).toBeVisible();
  await ana.page.keyboard.press("c");
  await ana.page.getByRole("checkbox", { name: /^Guide/ }).check();
  await ana.page.getByLabel("Title").fill("Between us");
  await ana.page.getByRole("checkbox", { name: /^Private/ }).check();
  await ana.page.getByRole("checkbox", { name: /^Bo/ }).check();
  await ana.button("Begin").click();
  await expect(ana.page.getByText("Private", { exact: true })).toBeVisible();
  await expect(ana.page.getByRole("heading", { name: "Between us" })).toBeVisible();
  const address = ana.page.url();

  const bo = await sit(office.bo);
  await bo.page.goto(`/c/${office.company}/chats`);
  await bo.page.getByRole("link", { name: /Between us ?, private/ }).click();
  const session = new URL(address).pathname.split("/").at(-1) ?? "";
  const hers = new Talk(ana, office.company, session);
  const his = new Talk(bo, office.company, session);
  await hers.say(lines("Whisper", slowly(4, "Nobody else hears this."), "@then", shell("echo secret"), "@say Done quietly."));
  await expect(his.answering("Guide")).toContainText("Nobody else");
  await his.answering("Guide").getByRole("button", { name: "Allow", exact: true }).click();
  for (const talk of [hers, his]) await expect(talk.answer("Guide", "Done quietly.")).toBeVisible();

  const other = await sit(cleo);
  await other.page.goto(`/c/${office.company}/chats`);
  await expect(other.page.getByRole("heading", { name: "No conversations yet" })).toBeVisible();
  await other.page.goto(address);
  await expect(other.page.getByRole("heading", { name: "This conversation is not here" })).toBeVisible();
});

test("conversations are renamed, archived, found again and brought back", async ({ office, sit }) => {
  await beginTalk(office.ana, office.company, { agentId: office.agent, title: "Old name" });
  const ana = await sit(office.ana);
  await ana.page.goto(`/c/${office.company}/chats`);
  const menu = (title: string) => ana.button(`More about ${title}`);
  await menu("Old name").click();
  await ana.page.getByRole("menuitem", { name: "Rename" }).click();
  await ana.page.getByLabel("Title").fill("New name");
  await ana.button("Rename").click();
  await expect(ana.page.getByRole("link", { name: /^New name/ })).toBeVisible();

  await menu("New name").click();
  await ana.page.getByRole("menuitem", { name: "Archive" }).click();
  await expect(ana.page.getByRole("heading", { name: "No conversations yet" })).toBeVisible();
  await ana.button("Archived").click();
  await ana.page.getByRole("searchbox").fill("new na");
  await ana.page.getByRole("link", { name: /^New name/ }).click();
  await expect(ana.page.getByPlaceholder("This conversation is archived. Bring it back to go on")).toBeVisible();
  await menu("New name").click();
  await ana.page.getByRole("menuitem", { name: "Bring back" }).click();
  await expect(ana.page.getByPlaceholder("Message Guide")).toBeVisible();
});

test("the screens of conversations keep nobody out, light and dark", async ({ office, sit }) => {
  const scout = await hireAgent(office.ana, office.company, "Scout");
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent, agents: [office.agent, scout] });
  const ana = new Talk(await sit(office.ana), office.company, session);
  const bo = new Talk(await sit(office.bo, PHONE), office.company, session);
  for (const talk of [ana, bo]) await talk.open();
  await expectAccessible(ana.seat, "an empty conversation");
  await ana.say(lines("Show it", "@say | a | b |", "@then", shell("true"), "@say `code`"));
  for (const talk of [ana, bo]) await expect(talk.answering("Guide")).toContainText("Waits for a decision");
  await ana.field.pressSequentially("@");
  await expect(ana.seat.page.getByRole("option", { name: "Scout" })).toBeVisible();
  await expectAccessible(ana.seat, "a conversation with an answer that waits");
  await expectAccessible(bo.seat, "a conversation on a phone");
  await bo.seat.page.goto(`/c/${office.company}/chats`);
  await expect(bo.seat.page.getByRole("link", { name: /^Show it/ })).toBeVisible();
  await expectAccessible(bo.seat, "the list on a phone");
});

/** A picture of one dot. */
const DOT_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";

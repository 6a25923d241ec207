import { DESK, PHONE } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

const PASSWORD = "a few unrelated words";

test("from the first link to a command that a second person allows on a phone", async ({ fresh, sit }) => {
  const ana = await sit(undefined, DESK, fresh);
  const bo = await sit(undefined, PHONE, fresh);

  await test.step("the first owner makes an account and a company, and Guide is there", async () => {
    await ana.page.goto(fresh.ownerLink ?? "");
    await expect(ana.page.getByRole("heading", { name: "Set up Atrium" })).toBeVisible();
    await ana.page.getByLabel("Your name").fill("Ana Ruiz");
    await ana.page.getByLabel("Email").fill("ana@example.com");
    await ana.page.getByLabel("Password").fill(PASSWORD);
    await ana.button("Make account").click();
    await ana.page.getByLabel("Name", { exact: true }).fill("Northwind Studio");
    await ana.button("Open the Floor").click();
    await expect(ana.page.getByRole("link", { name: "Open Guide, Resting" })).toBeVisible();
    await expect(ana.page.getByText("Rehearsal, no provider key")).toBeVisible();
  });

  await test.step("she invites a second person, who joins on a phone", async () => {
    await ana.page.getByRole("link", { name: "Settings", exact: true }).click();
    await ana.page.getByLabel("Role of the one who joins").selectOption("operator");
    await ana.button("Make an invite link").click();
    const link = await ana.page.getByRole("textbox", { name: "Invite link" }).inputValue();
    await bo.page.goto(link);
    await expect(bo.page.getByText("Ana Ruiz invites you as an operator.")).toBeVisible();
    await bo.page.getByLabel("Your name").fill("Bo Lind");
    await bo.page.getByLabel("Email").fill("bo@example.com");
    await bo.page.getByLabel("Password").fill(PASSWORD);
    await bo.button("Make account").tap();
    await bo.page.getByRole("list", { name: "Agents" }).getByText("Guide").tap();
    await expect(bo.page.getByRole("heading", { name: "Guide", exact: true })).toBeVisible();
    await expect(ana.page.getByText("bo@example.com")).toBeVisible();
  });

  await test.step("both see each other in the agent's room", async () => {
    await ana.page.getByRole("link", { name: "Guide" }).click();
    const inRoom = ana.page.getByRole("complementary", { name: "Details of the run" }).getByRole("listitem");
    await expect(inRoom.filter({ hasText: "Bo" })).toContainText("at the live edge");
    await expect(bo.page.getByRole("img", { name: "Here: Ana Ruiz" })).toBeVisible();
  });

  await test.step("one click starts a rehearsal, and both see a file being written", async () => {
    await ana.button("Write a file").click();
    for (const seat of [ana, bo]) {
      await expect(seat.call("write_file")).toContainText("notes/launch.md, done+5");
      await expect(seat.call("read_file")).toContainText("done");
      await expect(seat.call("edit_file")).toContainText("+1");
      await expect(seat.ended("Finished")).toBeVisible();
    }
    const changed = ana.page.getByRole("complementary").getByRole("listitem").filter({ hasText: "notes/launch.md" });
    await expect(changed).toContainText("+6");
    const rows = await ana.transcript();
    expect(rows.join("\n")).toContain("A short note first");
    expect(rows.join("\n")).toContain("- Ask before publishing");
    expect(await bo.transcript()).toEqual(rows);
  });

  await test.step("both read along while it writes, until it asks for a shell command", async () => {
    const shown = [await ana.watchWriting(), await bo.watchWriting()];
    await ana.button("Ask before a command").click();
    for (const seat of [ana, bo]) {
      await expect(seat.gate.getByRole("heading", { name: "Run this command?" })).toBeVisible();
      await expect(seat.gate.getByText("pwd && ls -la && date", { exact: true })).toBeVisible();
      await expect(seat.allow).toBeEnabled();
      await expect(seat.deny).toBeEnabled();
      await expect(seat.written("I want to see what is in my workspace.")).toBeVisible();
    }
    for (const texts of await Promise.all(shown.map((texts) => texts()))) {
      expect(texts.length, "pieces that were on the screen on the way").toBeGreaterThan(3);
      for (const text of texts)
        expect("I want to see what is in my workspace. A shell command needs your consent, so I am asking.").toContain(text);
    }
  });

  await test.step("the second person allows it, and the first sees at once who did", async () => {
    await bo.allow.tap();
    await expect(ana.gate.getByText(/^Allowed by Bo/)).toBeVisible({ timeout: 2_000 });
    for (const seat of [ana, bo]) {
      await expect(seat.gate.getByText("Allowed by Bo, it ran")).toBeVisible();
      await expect(seat.allow).toBeHidden();
      await expect(seat.deny).toBeHidden();
    }
  });

  await test.step("the run goes on and ends, with the same words on both screens", async () => {
    for (const seat of [ana, bo]) await expect(seat.ended("Finished")).toBeVisible();
    const rows = await ana.transcript();
    expect(rows.filter((row) => row.startsWith("Finished"))).toHaveLength(1);
    expect(rows.join("\n")).toMatch(/total \d+.*notes/);
    expect(rows.at(-2)).toBe("Thank you. The listing is above; this is the end of the rehearsal.");
    expect(await bo.transcript()).toEqual(rows);
  });
});

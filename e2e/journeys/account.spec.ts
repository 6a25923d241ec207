import { z } from "zod";
import { ApiClient } from "../harness/api-client.ts";
import { PHONE, type Seat } from "./support/seat.ts";
import { expect, PASSWORD, test } from "./support/test.ts";

async function signIn(seat: Seat, email: string, password: string): Promise<void> {
  await seat.page.getByLabel("Email").fill(email);
  await seat.page.getByLabel("Password").fill(password);
  await seat.button("Sign in").click();
}

const whoAmI = z.object({ user: z.object({ email: z.string() }) });

test("a wrong password is told in one sentence, and after ten of them even the right one has to wait", async ({ fresh, sit }) => {
  const ana = await ApiClient.signUp(fresh.url, "Ana", fresh.ownerLink);
  const seat = await sit(undefined, undefined, fresh);
  await seat.page.goto("/");
  await signIn(seat, "ana@example.com", "not the password");
  await expect(seat.page.getByRole("alert")).toHaveText("The e-mail address or the password is wrong.");

  const guesses = Array.from({ length: 9 }, (_, n) => ({ email: "ana@example.com", password: `guess number ${n}` }));
  await Promise.all(guesses.map((guess) => new ApiClient(ana.http).raw("POST", "/api/auth/sign-in", guess)));
  await signIn(seat, "ana@example.com", PASSWORD);
  await expect(seat.page.getByRole("alert")).toHaveText(/^Too many failed attempts\. Wait a quarter of an hour/);
  await expect(seat.page).toHaveURL(/\/sign-in/);
});

test("an invite works once; a used one and a made-up one say so", async ({ office, newcomer, sit }) => {
  const link = await office.ana.invite(office.company, "viewer");
  const dana = await sit(undefined, PHONE);
  await dana.page.goto(link);
  await dana.page.getByLabel("Your name").fill("Dana");
  await dana.page.getByLabel("Email").fill("dana@example.com");
  await dana.page.getByLabel("Password").fill("short");
  await dana.button("Make account").tap();
  await expect(dana.page.getByLabel("Password"), "the browser itself asks for more").toBeFocused();
  await dana.page.getByLabel("Password").fill(PASSWORD);
  await dana.button("Make account").tap();
  await expect(dana.button(/^Norden/), "the switcher of the company that Dana is in now").toBeVisible();

  const closed = [
    [link, "This invite was used already. It works once; ask for a new one."],
    ["/join?invite=made-up-made-up-made-up-made-up", /^This invite is not known here: it was taken back, /],
  ] as const;
  for (const [gone, why] of closed) {
    const stranger = await sit();
    await stranger.page.goto(gone);
    await expect(stranger.page.getByRole("heading", { name: "This invite cannot be used" })).toBeVisible();
    await expect(stranger.page.getByText(why)).toBeVisible();
  }

  const eli = await sit(await newcomer("Eli"));
  await eli.page.goto(await office.ana.invite((await office.ana.createCompany("Elsewhere")).id, "operator"));
  await expect(eli.page.getByText("You are signed in as Eli.")).toBeVisible();
  await eli.button("Join").click();
  await expect(eli.button(/^Elsewhere/)).toBeVisible();
});

test("signing out leaves nothing behind; signing in leads back to where the link pointed", async ({ office, newcomer, sit }) => {
  const cleo = await newcomer("Cleo");
  const { user } = await cleo.ask(whoAmI, "GET", "/api/me");
  const run = await office.ana.wake(office.company, office.agent, "Look back\n@say Seen by those who may.");
  const seat = await sit(cleo);
  await seat.page.goto(`/c/${office.company}/agents/${office.agent}/runs/${run}`);
  await expect(seat.written("Seen by those who may.")).toBeVisible();
  await seat.button(/^Cleo/).click();
  await seat.page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(seat.page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect((await cleo.raw("GET", "/api/me")).status, "the session is gone on the server too").toBe(401);

  await seat.page.goBack();
  await expect(seat.page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(seat.log).toBeHidden();
  await seat.page.goto(`/c/${office.company}/agents/${office.agent}/runs/${run}`);
  await signIn(seat, user.email, PASSWORD);
  await expect(seat.written("Seen by those who may.")).toBeVisible();
});

test("every page outside the workspace names its tab after what it shows", async ({ office, sit }) => {
  const seat = await sit(office.ana);
  const titles = [
    ["/sign-in", "Sign in"],
    ["/join", "Join with an invite"],
    ["/join?invite=made-up-made-up-made-up-made-up", "This invite cannot be used"],
    ["/reset", "A new password"],
    ["/confirm-email", "Confirm your address"],
    ["/new-company", "Name your place"],
    ["/nowhere", "Nothing here"],
    [`/c/${office.company}/nowhere`, "Nothing here"],
  ] as const;
  for (const [path, title] of titles) {
    await seat.page.goto(path);
    await expect(seat.page, path).toHaveTitle(`${title} - Atrium`);
  }
});

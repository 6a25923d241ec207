import { AxeBuilder } from "@axe-core/playwright";
import { CLIENT_ID, CLIENT_SECRET, FakeOpenIdProvider } from "../fakes/oidc.ts";
import { FakeMailServer, linkIn } from "../fakes/smtp.ts";
import { ApiClient } from "../harness/api-client.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { DESK, PHONE, type Seat } from "./support/seat.ts";
import { test as base, expect, PASSWORD } from "./support/test.ts";

/** ms in which somebody who is switched off is out */
const OUT_MS = 2_000;

type Town = { instance: Instance; smtp: FakeMailServer; google: FakeOpenIdProvider; ana: ApiClient; company: string };

/** An Atrium with a mail server and Google, Ana and her company. */
const test = base.extend<object, { town: Town }>({
  town: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function asks for from this pattern
    async ({}, use) => {
      const smtp = await FakeMailServer.start();
      const google = await FakeOpenIdProvider.start();
      const instance = await startInstance({
        env: {
          ATRIUM_SMTP_URL: smtp.url,
          ATRIUM_MAIL_FROM: "Atrium <atrium@norden.example>",
          ATRIUM_OIDC_GOOGLE_ISSUER: google.issuer,
          ATRIUM_OIDC_GOOGLE_CLIENT_ID: CLIENT_ID,
          ATRIUM_OIDC_GOOGLE_CLIENT_SECRET: CLIENT_SECRET,
        },
      });
      await instance.ready();
      const ana = await ApiClient.signUp(instance.url, "Ana", instance.ownerLink);
      const { id: company } = await ana.createCompany("Norden");
      await use({ instance, smtp, google, ana, company });
      await instance.remove();
      await smtp.stop();
      await google.stop();
    },
    { scope: "worker", timeout: 150_000 },
  ],
});

/** The name that browsers make passkeys for; 127.0.0.1 is only a number. */
function atLocalhost({ instance }: Town): Instance {
  return Object.create(instance, { url: { value: instance.url.replace("127.0.0.1", "localhost") } });
}

test("joins with Google by an invite, and comes back with one press", async ({ town, sit }) => {
  town.google.user = { sub: "g-bo", name: "Bo Berg", email: "bo.berg@example.com", email_verified: true };
  const bo = await sit(undefined, PHONE, town.instance);
  await bo.page.goto(await town.ana.invite(town.company, "member"));
  await bo.button("Continue with Google").tap();
  await expect(bo.button(/^Norden/)).toBeVisible();

  const again = await sit(undefined, DESK, town.instance);
  await again.page.goto(`/c/${town.company}/agents`);
  await again.button("Continue with Google").click();
  await expect(again.page).toHaveURL(new RegExp(`/c/${town.company}/agents$`));
  await expect(again.button(/^Bo Berg/)).toBeVisible();
});

test("an address at Google that is nobody's proof opens no account that has it, and says what to do", async ({ town, sit }) => {
  town.google.user = { sub: "g-eve", name: "Eve", email: "ana@example.com", email_verified: false };
  const eve = await sit(undefined, DESK, town.instance);
  await eve.page.goto("/sign-in");
  await eve.button("Continue with Google").click();
  await expect(eve.page.getByRole("alert")).toContainText("Google has not verified that it is yours.");
  town.google.user = { ...town.google.user, email_verified: true };
  await eve.button("Continue with Google").click();
  await expect(eve.page.getByRole("alert")).toContainText("Sign in as you did before, then link Google under Account.");
});

test("a passkey is made, named, used and removed", async ({ town, sit }) => {
  const seat = await sit(undefined, DESK, atLocalhost(town));
  const devtools = await seat.context.newCDPSession(seat.page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await seat.page.goto(await town.ana.invite(town.company, "member").then((link) => link.replace("127.0.0.1", "localhost")));
  await seat.page.getByLabel("Your name").fill("Kim");
  await seat.page.getByLabel("Email").fill("kim@example.com");
  await seat.page.getByLabel("Password").fill(PASSWORD);
  await seat.button("Make account").click();
  await expect(seat.button(/^Norden/)).toBeVisible();

  await seat.page.goto("/account");
  await seat.button("Add a passkey").click();
  await seat.page.getByLabel("Name of the passkey").fill("Kim's laptop");
  await seat.button("Make passkey").click();
  await expect(seat.page.getByText("The passkey was added.")).toBeVisible();
  await expect(seat.page.getByText("on one device, never used")).toBeVisible();
  expect((await town.smtp.mailTo("kim@example.com", "change")).text).toContain("Kim's laptop");

  await seat.context.clearCookies();
  await seat.page.goto("/sign-in");
  await seat.button("Sign in with a passkey").click();
  await expect(seat.button(/^Kim/)).toBeVisible();

  await seat.page.goto("/account");
  await seat.button("Rename Kim's laptop").click();
  await seat.page.getByLabel("New name of Kim's laptop").fill("Old laptop");
  await seat.button("Rename").click();
  await seat.button("Remove Old laptop").click();
  await expect(seat.page.getByText("Old laptop")).toBeHidden();
  await seat.context.clearCookies();
  await seat.page.goto("/sign-in");
  await seat.button("Sign in with a passkey").click();
  await expect(seat.page.getByRole("alert")).toContainText("This passkey was removed here.");
});

test("a lost password is set anew by a link in a mail, and other devices are out", async ({ town, sit }) => {
  const dana = await ApiClient.signUp(town.instance.url, "Dana", await town.ana.invite(town.company, "member"));
  const before = await sit(dana, DESK, town.instance);
  await before.page.goto(`/c/${town.company}`);
  await expect(before.button(/^Dana/)).toBeVisible();

  const phone = await sit(undefined, PHONE, town.instance);
  await phone.page.goto("/sign-in");
  await phone.page.getByRole("link", { name: "Forgot it?" }).tap();
  await phone.page.getByLabel("Email").fill("dana@example.com");
  await phone.button("Send the link").tap();
  await expect(phone.page.getByRole("heading", { name: "Look into your mailbox" })).toBeVisible();

  const link = linkIn(await town.smtp.mailTo("dana@example.com", "new password"));
  await phone.page.goto(link);
  await expect(phone.page, "the token leaves the address bar").toHaveURL(/\/reset$/);
  await phone.page.getByLabel("New password").fill("another battery staple");
  await phone.button("Set password").tap();
  await expect(phone.button(/^Norden/)).toBeVisible();
  await expect(before.page.getByText("Your rights here changed.")).toBeVisible();
  await before.page.reload();
  await expect(before.page.getByRole("heading", { name: "Sign in" })).toBeVisible();

  await phone.page.goto(link);
  await expect(phone.page.getByRole("heading", { name: "This link cannot be used" })).toBeVisible();
});

test("an invite is mailed to one address, whose person joins with it", async ({ town, sit }) => {
  const ana = await sit(town.ana, DESK, town.instance);
  await ana.page.goto(`/c/${town.company}/settings/members`);
  await ana.page.getByLabel("Only for this address").fill("finn@example.com");
  await ana.button("Mail the invite").click();
  await expect(ana.page.getByText("The invite is on its way to finn@example.com.")).toBeVisible();
  await expect(ana.page.getByRole("img", { name: "The invite link as a QR code" })).toBeVisible();

  const finn = await sit(undefined, PHONE, town.instance);
  await finn.page.goto(linkIn(await town.smtp.mailTo("finn@example.com", "invites you")));
  await expect(finn.page.getByLabel("Email")).toHaveValue("finn@example.com");
  await finn.page.getByLabel("Your name").fill("Finn");
  await finn.page.getByLabel("Password").fill(PASSWORD);
  await finn.button("Make account").tap();
  await expect(finn.button(/^Norden/)).toBeVisible();
});

test("a person who is switched off while their browser is open is out within two seconds, and reads why", async ({
  town,
  sit,
}) => {
  const gus = await ApiClient.signUp(town.instance.url, "Gus", await town.ana.invite(town.company, "member"));
  const seat = await sit(gus, PHONE, town.instance);
  await seat.page.goto(`/c/${town.company}`);
  await expect(seat.button(/^Norden/)).toBeVisible();

  const ana = await sit(town.ana, DESK, town.instance);
  await ana.page.goto("/instance");
  await expect(ana.page.getByText("Gus", { exact: true })).toBeVisible();
  await ana.button("What to do about Gus").click();
  await ana.page.getByRole("menuitem", { name: "Switch off" }).click();
  const out = seat.page.getByText("Your rights here changed.");
  await ana.page.getByRole("dialog").getByRole("button", { name: "Switch off" }).click();
  await expect(out).toBeVisible({ timeout: OUT_MS });
  await expect(ana.page.getByText("Switched off", { exact: true })).toBeVisible();

  await seat.page.reload();
  await expect(seat.page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await seat.page.getByLabel("Email").fill("gus@example.com");
  await seat.page.getByLabel("Password").fill(PASSWORD);
  await seat.button("Sign in").tap();
  await expect(seat.page.getByRole("alert")).toContainText("This account was switched off by the owner of this instance.");
});

for (const [name, device] of [
  ["desk", DESK],
  ["phone", PHONE],
] as const) {
  test(`on a ${name} account, instance and invites keep nobody out, light and dark`, async ({ town, sit }) => {
    const ana = await sit(town.ana, device, town.instance);
    await ana.page.goto(`/c/${town.company}/settings/members`);
    await ana.button("Make an invite link").click();
    await expect(ana.page.getByRole("img", { name: "The invite link as a QR code" })).toBeVisible();
    await expectAccessible(ana, "members with a new invite");
    await ana.page.goto("/account");
    await ana.button("Change password").click();
    await ana.button("Add a passkey").click();
    await expect(ana.page.getByRole("list").first()).toBeVisible();
    await expectAccessible(ana, "account");
    await ana.page.goto("/instance");
    await expect(ana.page.getByRole("list", { name: /^Log of / })).toContainText("the api serves");
    await expectAccessible(ana, "instance");
  });

  test(`on a ${name} the pages before the workspace keep nobody out, light and dark`, async ({ town, sit }) => {
    const stranger = await sit(undefined, device, town.instance);
    await stranger.page.goto("/sign-in?problem=oidc_address_taken&provider=google");
    await expect(stranger.button("Continue with Google")).toBeVisible();
    await expectAccessible(stranger, "sign-in with a problem");
    await stranger.page.goto("/reset");
    await expect(stranger.button("Send the link")).toBeVisible();
    await expectAccessible(stranger, "reset");
  });
}

/** No finding of axe that keeps somebody out: everything in light, and in dark what a change of colours can break. */
async function expectAccessible({ page }: Seat, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page });
    const { violations } = await (colorScheme === "dark" ? axe.withRules("color-contrast") : axe).analyze();
    const found = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const words = found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    expect(words, `${screen}, ${colorScheme}`).toEqual([]);
  }
}

/** A forgotten password, and a machine that is replaced: the operator's terminal and a browser, in turn. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../harness/api-client.ts";
import { atrium } from "../harness/cli.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { lines, shell } from "./support/scripts.ts";
import type { Seat } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

const NEW_PASSWORD = "another horse, this time blue";

async function signIn(seat: Seat, password: string): Promise<void> {
  await seat.page.getByLabel("Email").fill("ana@example.com");
  await seat.page.getByLabel("Password").fill(password);
  await seat.button("Sign in").click();
}

test("a password is reset on the server, a backup made and restored elsewhere, and everything is there", async ({
  fresh,
  sit,
}) => {
  test.setTimeout(150_000);
  const shelf = mkdtempSync(join(tmpdir(), "atrium-shelf-"));
  let second: Instance | undefined;
  try {
    const owner = await ApiClient.signUp(fresh.url, "Ana", fresh.ownerLink);
    const { id: company } = await owner.createCompany("Norden");
    const [guide] = await owner.agents(company);
    const office = { company, agent: guide?.id ?? "" };
    const { id: session } = await owner.createSession(company, office.agent);
    await owner.takeOver(company, session);
    await owner.post(company, session, "What we said on Tuesday");
    await owner.wake(
      company,
      office.agent,
      lines(
        "Write it down",
        '@tool write_file {"path": "report.md", "content": "All well."}',
        shell("cat report.md"),
        "@say Written.",
      ),
    );
    await until("the approval", async () => (await owner.approvals(company)).items[0]);

    // Forgotten: the operator makes a link, and Ana sets a new password with it.
    const reset = await atrium(fresh.data, ["user", "reset-password", "ana@example.com"]);
    const ana = await sit(undefined, undefined, fresh);
    await ana.page.goto(reset.out.trim());
    await ana.page.getByLabel("New password").fill(NEW_PASSWORD);
    await ana.button("Set password").click();
    await expect(ana.page).not.toHaveURL(/reset/);

    const made = await atrium(fresh.data, ["backup", "create", "--to", shelf]);
    expect(made.code, made.err).toBe(0);
    const backup = join(shelf, readdirSync(shelf)[0] ?? "");
    const data = join(shelf, "data");
    const key = join(fresh.data, "secrets/vault.key");
    const restored = await atrium(data, ["restore", backup, "--key-file", key]);
    expect(restored.code, restored.err).toBe(0);
    await fresh.stop();

    second = await startInstance({ data });
    await second.ready();
    const there = await sit(undefined, undefined, second);
    await there.page.goto(`/c/${company}/chats/${session}`);
    await signIn(there, NEW_PASSWORD);
    await expect(there.page.getByText("What we said on Tuesday").first()).toBeVisible();
    await there.open(office);
    await there.allow.click();
    await expect(there.ended("Finished")).toBeVisible();
    await expect(there.written("Written.")).toBeVisible();
    await there.page.goto(`/c/${company}/files`);
    await expect(there.page.getByText("report.md").first()).toBeVisible();
  } finally {
    await second?.remove();
    rmSync(shelf, { recursive: true, force: true });
  }
});

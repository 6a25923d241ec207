/** How people reach it. */
import { readHolder } from "../../launcher/lock.ts";
import { isFree } from "../../launcher/ports.ts";
import { localUrl, type Settings } from "../../launcher/settings.ts";
import { readSetting } from "../../settings/read.ts";
import { type Check, type Finding, fine, problem, warning } from "./check.ts";

/** ms the running instance may take to say how it is */
const ANSWER_MS = 5_000;
const LOOPBACK_HOSTS = new Set(["127.0.0.1", "::1", "localhost"]);

export function networkChecks(settings: Settings, running: boolean): Check[] {
  return [
    { name: "settings", look: () => lookAtSettings(settings) },
    { name: "port", look: () => (running ? lookAtInstance(settings) : lookAtPort(settings)) },
    { name: "address", look: () => lookAtAddress(settings) },
    { name: "mail", look: () => lookAtMail(settings) },
  ];
}

function lookAtSettings({ warnings }: Settings): Finding {
  const [first] = warnings;
  return first === undefined ? fine("read and checked") : warning(warnings.join(" "), "docs/settings.md lists every name.");
}

async function lookAtPort({ host, port }: Settings): Promise<Finding> {
  if (port === 0 || (await isFree(host, port))) return fine(port === 0 ? "any free one" : `${port} on ${host} is free`);
  return problem(
    `Port ${port} on ${host} is in use by another program.`,
    `Set PORT to a free one, for example PORT=${port + 1}.`,
  );
}

async function lookAtInstance({ data, host }: Settings): Promise<Finding> {
  const address = readHolder(data)?.address;
  const port = address && URL.canParse(address) ? Number(new URL(address).port) : 0;
  const url = port > 0 ? localUrl(host, port) : address;
  if (url === undefined || !URL.canParse(url)) return fine("another command has the folder");
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.ok) return fine(`${url} serves`);
    return problem(`${url} is not ready: ${(await answer.text()).slice(0, 300)}`, "npm run atrium -- logs shows why.");
  } catch {
    return problem(`${url} does not answer.`, "npm run atrium -- logs shows why; the launcher starts what has died again.");
  }
}

function lookAtAddress({ host, url }: Settings): Finding {
  if (LOOPBACK_HOSTS.has(host) && url === undefined) return fine("this machine only");
  if (url?.startsWith("https:")) return fine(url);
  const open = url === undefined ? `HOST=${host} serves the network without HTTPS` : `${url} has no HTTPS`;
  return warning(
    `${open}: passwords travel in the clear, and phones install no app and get no push.`,
    "Put HTTPS in front and set ATRIUM_URL=https://…, see docs/operating.md.",
  );
}

function lookAtMail({ given, url }: Settings): Finding {
  if (readSetting("ATRIUM_SMTP_URL", given) === undefined) return fine("none is sent; links are copied by hand");
  if (url === undefined)
    return warning(
      "Mail is sent, and its links lead to an address that only this machine knows.",
      "Set ATRIUM_URL to the address people use.",
    );
  return fine(`sent, with links to ${url}`);
}

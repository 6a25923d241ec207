/** `npm run docs:settings`: writes docs/settings.md. */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { settingsPage } from "./docs.ts";

writeFileSync(join(resolve(import.meta.dirname, "../.."), "docs/settings.md"), settingsPage());

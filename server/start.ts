/**
 * The launcher: `npm start` runs everything on this machine, `npm start -- --only <process>` one process of it,
 * `npm run dev` the same with hot reload. `launcher/run.ts` tells what happens in which order.
 */
import { resolve } from "node:path";
import { startAndExit } from "./launcher/run.ts";

startAndExit(resolve(import.meta.dirname, ".."), process.argv.slice(2));

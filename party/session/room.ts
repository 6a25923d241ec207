import { roomClass } from "../lib/party.ts";
import { sessionCore } from "./core.ts";

/** A conversation's room, as `partykit.json` names it. */
export default roomClass(sessionCore);

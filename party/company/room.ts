import { roomClass } from "../lib/party.ts";
import { companyCore } from "./core.ts";

/** The company's room, as `partykit.json` names it. */
export default roomClass(companyCore);

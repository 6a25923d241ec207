import { roomClass } from "../lib/party.ts";
import { agentCore } from "./core.ts";

/** The agent's room, as `partykit.json` names it. */
export default roomClass(agentCore);

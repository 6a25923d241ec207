/** The variables that the commands of a run get. Pure. */

export type RunFacts = {
  run: string;
  agent: string;
  company: string;
  token: string;
  /** public address of the api */
  apiUrl: string;
  timezone: string;
};

/** The same values under both prefixes: skills written for the older convention read the second. */
const PREFIXES = ["ATRIUM_", "LIFEOSAI_"] as const;

export function runEnvironment({ run, agent, company, token, apiUrl, timezone }: RunFacts): Record<string, string> {
  const values = {
    RUN_TOKEN: token,
    RUN_ID: run,
    AGENT_ID: agent,
    COMPANY_ID: company,
    API_URL: apiUrl,
    TIMEZONE: timezone,
  };
  const env: Record<string, string> = {};
  for (const prefix of PREFIXES) for (const [name, value] of Object.entries(values)) env[prefix + name] = value;
  return env;
}

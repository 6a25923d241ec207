import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { AgentAvatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { toast } from "../../components/toast.tsx";
import { isRehearsal } from "../../lib/model-name.ts";
import { sentence } from "../../lib/queries.ts";
import { agentApi } from "../agent-settings/agent-api.ts";
import { byName } from "../floor/roster.ts";
import { useCompany } from "../shell/company-context.tsx";
import { modelsQuery } from "./provider-api.ts";
import { refreshModels } from "./use-test.ts";

/** Agents that still follow a script although there are models: each is switched by one press. */
export function RehearsingAgents() {
  const { company, state } = useCompany();
  const client = useQueryClient();
  const models = useQuery(modelsQuery(company.id));
  const change = useMutation({
    mutationFn: async (agent: string) => {
      const { version } = await agentApi.get(company.id, agent);
      return agentApi.change(company.id, agent, { version, model: "balanced" });
    },
    onSuccess: (agent) => {
      refreshModels(client, company.id);
      toast("done", `${agent.name} has the Balanced model from its next run on.`);
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  const rehearsing = Object.values(state?.roster ?? {})
    .filter((entry) => entry.status !== "retired" && isRehearsal(entry.model))
    .sort(byName);
  if (!models.data?.ready || rehearsing.length === 0) return null;
  return (
    <section aria-labelledby="rehearsing">
      <div className="sec-head">
        <h2 id="rehearsing">Still rehearsing</h2>
      </div>
      <ul className="rows">
        {rehearsing.map((entry) => (
          <li key={entry.agent}>
            <AgentAvatar name={entry.name} title={entry.title} />
            <span className="who">
              <b>{entry.name}</b>
              <span>follows a script</span>
            </span>
            <Button small busy={change.isPending && change.variables === entry.agent} onClick={() => change.mutate(entry.agent)}>
              Switch {entry.name} to Balanced
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { atLeast } from "../../../party/protocol/roles.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { type AgentRecord, agentApi } from "./agent-api.ts";

/** Pause, resume, retire. */
export function WorkingLife({ agent }: { agent: AgentRecord }) {
  const { company, role, state } = useCompany();
  const [asking, setAsking] = useState(false);
  const failed = (error: unknown): void => toast("fail", sentence(error));
  const paused = state?.roster[agent.id]?.status === "paused";
  const turn = useMutation({
    mutationFn: () => (paused ? agentApi.resume(company.id, agent.id) : agentApi.pause(company.id, agent.id)),
    onError: failed,
  });
  return (
    <section aria-labelledby="working-life">
      <div className="sec-head">
        <h2 id="working-life">Work</h2>
      </div>
      <ul className="rows">
        <li>
          <span className="grow">
            {paused ? "Paused: it starts no new run." : "Takes work. A pause lets what runs go on to its end."}
          </span>
          <Button
            icon={paused ? "play" : "pause"}
            busy={turn.isPending}
            disabledBecause={atLeast(role, "operator") ? undefined : "Operators and admins pause agents"}
            onClick={() => turn.mutate()}
          >
            {paused ? "Resume" : "Pause"}
          </Button>
        </li>
        <li>
          <span className="grow">Retire it: its runs are cancelled, its history stays. It cannot be undone.</span>
          <Button
            kind="danger"
            disabledBecause={atLeast(role, "admin") ? undefined : "Only admins retire agents"}
            onClick={() => setAsking(true)}
          >
            Retire
          </Button>
        </li>
      </ul>
      <Retire agent={agent} open={asking} onClose={() => setAsking(false)} />
    </section>
  );
}

function Retire({ agent, open, onClose }: { agent: AgentRecord; open: boolean; onClose: () => void }) {
  const { company } = useCompany();
  const navigate = useNavigate();
  const retire = useMutation({
    mutationFn: () => agentApi.retire(company.id, agent.id),
    onSuccess: async () => {
      onClose();
      toast("done", `${agent.name} is retired.`);
      await navigate({ to: "/c/$company/agents", params: { company: company.id } });
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Retire ${agent.name}?`}
      description="Its runs are cancelled and it takes no work any more. What it did stays readable."
    >
      <div className="btns dialog-foot">
        <Button kind="danger" busy={retire.isPending} onClick={() => retire.mutate()}>
          Retire {agent.name}
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Keep it
        </Button>
      </div>
    </Dialog>
  );
}

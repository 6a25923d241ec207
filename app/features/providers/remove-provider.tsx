import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { toast } from "../../components/toast.tsx";
import { plural } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { type Provider, providerApi } from "./provider-api.ts";
import { refreshModels } from "./use-test.ts";

/** Asks before a provider goes, and says who used it and what answers for them afterwards. */
export function RemoveProvider({ provider, open, onClose }: { provider: Provider; open: boolean; onClose: () => void }) {
  const { company } = useCompany();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => providerApi.remove(company.id, provider.id),
    onSuccess: ({ agents }) => {
      onClose();
      const now = agents.map(({ name, answeredBy }) => `${name} now has ${answeredBy}`);
      toast("done", `${provider.name} is removed with its key. ${now.join(", ")}${now.length > 0 ? "." : ""}`.trim());
    },
    onError: (error) => toast("fail", sentence(error)),
    onSettled: () => refreshModels(client, company.id),
  });
  const users = provider.usedBy.map(({ name }) => name);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Remove ${provider.name}?`}
      description={
        users.length === 0
          ? "No agent uses it. Its key is deleted."
          : `${plural(users.length, "agent uses", "agents use")} it: ${users.join(", ")}. They go on with another provider's models, or rehearse. Its key is deleted.`
      }
    >
      <div className="btns dialog-foot">
        <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
          Remove
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Keep it
        </Button>
      </div>
    </Dialog>
  );
}

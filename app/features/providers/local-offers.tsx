import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { localQuery, providerApi } from "./provider-api.ts";
import { refreshModels, useTest } from "./use-test.ts";

/** model names said in a row */
const NAMED_MODELS = 3;

/** Servers of local models on the machine of this instance, each added by one press. */
export function LocalOffers() {
  const { company } = useCompany();
  const client = useQueryClient();
  const local = useQuery(localQuery(company.id));
  const tester = useTest();
  const add = useMutation({
    mutationFn: (offer: { name: string; baseUrl: string }) =>
      providerApi.add(company.id, { kind: "openai", name: offer.name, baseUrl: offer.baseUrl }),
    onSuccess: (provider) => {
      refreshModels(client, company.id);
      void client.invalidateQueries(localQuery(company.id));
      tester.mutate(provider.id);
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  const offers = local.data?.filter((offer) => !offer.added) ?? [];
  return (
    <section aria-labelledby="local">
      <div className="sec-head">
        <h2 id="local">On the machine of this Atrium</h2>
        <Button small busy={local.isFetching} onClick={() => void local.refetch()}>
          Look again
        </Button>
      </div>
      {offers.length > 0 ? (
        <ul className="rows">
          {offers.map((offer) => (
            <li key={offer.baseUrl}>
              <Icon name="server" className="dim" />
              <span className="who">
                <b>{offer.name}</b>
                <span>{modelsWords(offer.models)}</span>
              </span>
              <Button
                small
                busy={add.isPending && add.variables.baseUrl === offer.baseUrl}
                onClick={() => add.mutate(offer)}
                aria-label={`Add ${offer.name}`}
              >
                Add
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        <p className="help">
          {local.isFetching
            ? "Looking for Ollama, llama.cpp, vLLM and LM Studio."
            : "No other server of local models answers there. Ollama, llama.cpp, vLLM and LM Studio are found at their usual ports."}
        </p>
      )}
    </section>
  );
}

function modelsWords(models: readonly string[]): string {
  if (models.length === 0) return "no models loaded yet";
  const more = models.length - NAMED_MODELS;
  return `${models.slice(0, NAMED_MODELS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

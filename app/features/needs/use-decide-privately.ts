import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { needsApi } from "./needs-api.ts";
import type { Decide } from "./use-decide.ts";

/** Decides and answers what the company's room does not hold: asks of private conversations, over REST. */
export function useDecidePrivately(): Decide {
  const { company } = useCompany();
  const client = useQueryClient();
  const [sending, setSending] = useState<Decide["sending"]>({});
  return {
    sending,
    decide: async ({ id, version, digest }, decision, { note } = {}) => {
      setSending((all) => ({ ...all, [id]: decision }));
      try {
        await needsApi.decide(company.id, id, { decision, version, digest, note: note || undefined });
        return true;
      } catch (error) {
        toast("fail", sentence(error));
        return false;
      } finally {
        setSending(({ [id]: _done, ...rest }) => rest);
        await client.invalidateQueries({ queryKey: ["approval", company.id, id] });
      }
    },
    answer: async (question, value) => {
      try {
        await needsApi.answer(company.id, question, value);
        return true;
      } catch (error) {
        toast("fail", sentence(error));
        return false;
      }
    },
  };
}

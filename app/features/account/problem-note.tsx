import { Note } from "../../components/states.tsx";
import { problemWords } from "./problems.ts";

/** Why a person who comes back from a provider is not where they wanted to be. */
export function ProblemNote({ code, provider }: { code: string; provider: string | undefined }) {
  const { title, words } = problemWords(code, provider);
  return (
    <div role="alert" className="account-problem">
      <Note kind="fail" icon="warn" title={title}>
        {words}
      </Note>
    </div>
  );
}

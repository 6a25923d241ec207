import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { useDraft } from "../../lib/drafts.ts";

/** Answers a question of an agent: its options as buttons, or free text. */
export function AnswerForm({
  question,
  options,
  answer,
  why,
}: {
  question: string;
  options: readonly string[];
  answer: (question: string, value: string) => Promise<boolean>;
  why: string | undefined;
}) {
  const [draft, setDraft] = useDraft(`answer.${question}`);
  const [sending, setSending] = useState<string>();
  const send = async (value: string): Promise<void> => {
    if (value === "" || sending !== undefined) return;
    setSending(value);
    if (await answer(question, value)) setDraft("");
    setSending(undefined);
  };
  return (
    <form
      className="answer"
      onSubmit={(event) => {
        event.preventDefault();
        void send(draft.trim());
      }}
    >
      {options.length > 0 && (
        <div className="btns">
          {options.map((option) => (
            <Button key={option} onClick={() => void send(option)} busy={sending === option} disabledBecause={why}>
              {option}
            </Button>
          ))}
        </div>
      )}
      <div className="answer-line">
        <input
          className="input"
          aria-label="Your answer"
          placeholder={options.length > 0 ? "Or say it in your words" : "Your answer"}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <Button
          kind={options.length > 0 ? "plain" : "primary"}
          type="submit"
          busy={sending !== undefined && sending === draft.trim()}
          disabledBecause={why}
        >
          Answer
        </Button>
      </div>
    </form>
  );
}

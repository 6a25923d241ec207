import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { LogSkeleton } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { type NotifyRules, notifyApi, rulesQuery } from "./notify-api.ts";

type Kind = keyof NotifyRules["push"];

const KINDS: readonly { kind: Kind; title: string; about: string }[] = [
  { kind: "needs", title: "Something needs you", about: "Approvals and questions you may settle" },
  { kind: "reminders", title: "Reminders", about: "Asks that wait for long or are about to expire" },
  { kind: "mentions", title: "Mentions", about: "Someone writes @ and your name" },
  { kind: "failures", title: "Failed runs", about: "A run you asked for could not finish" },
];

const USUAL_NIGHT = { from: "22:00", to: "07:00" };

/** What reaches the person beside the screen, by which way, and when not. */
export function RulesForm() {
  const stored = useQuery(rulesQuery);
  if (stored.isPending) return <LogSkeleton />;
  if (stored.isError) return <p className="help bad">{sentence(stored.error)}</p>;
  return <Form key={stored.dataUpdatedAt} rules={stored.data.rules} mail={stored.data.mail} />;
}

function Form({ rules, mail }: { rules: NotifyRules; mail: boolean }) {
  const { company, me } = useCompany();
  const client = useQueryClient();
  const [draft, setDraft] = useState(rules);
  const [busy, setBusy] = useState(false);
  const changed = JSON.stringify(draft) !== JSON.stringify(rules);
  const muted = draft.muted.includes(company.id);
  const { quiet } = draft;

  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      client.setQueryData(rulesQuery.queryKey, await notifyApi.saveRules(draft));
      toast("done", "Your notifications are saved.");
    } catch (error) {
      toast("fail", sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const set = (way: "push" | "mail", kind: Kind, on: boolean): void =>
    setDraft({ ...draft, [way]: { ...draft[way], [kind]: on } });

  return (
    <form
      className="notify-rules"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <table>
        <caption className="vh">What you are told of, and how</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Push</th>
            <th scope="col">E-mail</th>
          </tr>
        </thead>
        <tbody>
          {KINDS.map(({ kind, title, about }) => (
            <tr key={kind}>
              <th scope="row">
                {title}
                <span className="help">{about}</span>
              </th>
              {(["push", "mail"] as const).map((way) => (
                <td key={way}>
                  <label className="notify-box">
                    <input
                      type="checkbox"
                      checked={draft[way][kind]}
                      disabled={way === "mail" && !mail}
                      onChange={(event) => set(way, kind, event.target.checked)}
                    />
                    <span className="vh">
                      {title} by {way === "push" ? "push" : "e-mail"}
                    </span>
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="help">
        {mail
          ? "A mail comes only when nobody has settled it for a quarter of an hour."
          : "This instance sends no mail: its owner has not set a mail server yet."}
      </p>
      <fieldset className="notify-quiet">
        <legend>Quiet hours</legend>
        <label className="check">
          <input
            type="checkbox"
            checked={quiet !== null}
            onChange={(event) => setDraft({ ...draft, quiet: event.target.checked ? USUAL_NIGHT : null })}
          />
          Hold everything back for a part of the day
        </label>
        {quiet && (
          <span className="notify-times">
            <label>
              From
              <input
                className="input"
                type="time"
                required
                value={quiet.from}
                onChange={(event) => setDraft({ ...draft, quiet: { ...quiet, from: event.target.value } })}
              />
            </label>
            <label>
              to
              <input
                className="input"
                type="time"
                required
                value={quiet.to}
                onChange={(event) => setDraft({ ...draft, quiet: { ...quiet, to: event.target.value } })}
              />
            </label>
          </span>
        )}
        <p className="help">In your time zone, {me.timezone}. What still needs you comes at their end.</p>
      </fieldset>
      <label className="check">
        <input
          type="checkbox"
          checked={muted}
          onChange={(event) =>
            setDraft({
              ...draft,
              muted: event.target.checked ? [...draft.muted, company.id] : draft.muted.filter((one) => one !== company.id),
            })
          }
        />
        Nothing from {company.name} beside the screen
      </label>
      <div className="actions">
        <Button type="submit" kind="primary" busy={busy} disabledBecause={changed ? undefined : "Nothing was changed"}>
          Save notifications
        </Button>
      </div>
    </form>
  );
}

import type { Steer } from "../../../party/protocol/agent.ts";
import { assertNever } from "../../../party/protocol/assert.ts";
import { Avatar } from "../../components/avatar.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { clock } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { inlineOf } from "../../lib/long-text.ts";

/** Notes shown at once; older ones are in the transcript. */
const SHOWN = 3;

function stateOf(steer: Steer): { data: string; icon: IconName; word: string; when: string } {
  switch (steer.state) {
    case "queued":
      return { data: "queue", icon: "clock", word: "Queued", when: "read before the next step" };
    case "seen":
      return { data: "seen", icon: "eye", word: "Seen", when: "applies next" };
    case "applied":
      return { data: "done", icon: "check", word: "Applied", when: clock(steer.at) };
    case "dropped":
      return { data: "queue", icon: "x", word: "Not used", when: steer.why ?? "" };
    default:
      return assertNever(steer.state);
  }
}

/** What people told the running agent, and how far each note got. */
export function SteerLane({ steers }: { steers: readonly Steer[] }) {
  if (steers.length === 0) return null;
  return (
    <ol className="lane" aria-label="Notes to the run, oldest first">
      {steers.slice(-SHOWN).map((steer) => {
        const state = stateOf(steer);
        return (
          <li key={steer.id} data-s={state.data}>
            <span className="lane-state">
              <Icon name={state.icon} />
              {state.word}
            </span>
            <Avatar person={steer.by} size="xs" />
            <q>{inlineOf(steer.text)}</q>
            <span className="when">{state.when}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** The newest note on a phone, with how many more there are. */
export function PhoneSteerLane({ steers }: { steers: readonly Steer[] }) {
  const last = steers.at(-1);
  if (!last) return null;
  const state = stateOf(last);
  return (
    <div className="m-lane">
      <span className="status">
        <Icon name={state.icon} />
        <span>{state.word}</span>
      </span>
      <span className="grow">
        {firstName(last.by.name)}: {inlineOf(last.text)}
      </span>
      {steers.length > 1 && <span className="count">+{steers.length - 1}</span>}
    </div>
  );
}

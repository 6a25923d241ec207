import { AgentAvatar } from "../../components/avatar.tsx";
import type { MentionPicker } from "./use-mention-picker.ts";

/** The agents a mention may mean, above the field. The focus stays in the field. */
export function MentionList({ id, picker }: { id: string; picker: MentionPicker }) {
  return (
    <div className="mentions menu" id={id} role="listbox" aria-label="Agents to ask">
      {picker.choices.map((agent, index) => (
        <div
          key={agent.id}
          id={`${id}-${index}`}
          className="menu-row"
          role="option"
          tabIndex={-1}
          aria-selected={index === picker.index}
          data-highlighted={index === picker.index || undefined}
          // The press must not take the focus from the field.
          onPointerDown={(event) => {
            event.preventDefault();
            picker.pick(agent);
          }}
        >
          <AgentAvatar name={agent.name} size="sm" />
          <span className="grow">{agent.name}</span>
          <span className="dim">answers this message</span>
        </div>
      ))}
    </div>
  );
}

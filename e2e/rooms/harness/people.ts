/** Who a viewer sees here, by the presence frames it got. */
import type { Viewer } from "./viewer.ts";

type Entry = { id: string; devices: string[]; place?: string };

export function peopleOf(viewer: Viewer): Map<string, Entry> {
  const people = new Map<string, Entry>();
  for (const frame of viewer.frames) {
    if (frame.type !== "presence") continue;
    const {
      people: all,
      join,
      leave,
      patch,
    } = frame as unknown as { people?: Entry[]; join?: Entry[]; leave?: string[]; patch?: Entry[] };
    if (all) people.clear();
    for (const entry of [...(all ?? []), ...(join ?? []), ...(patch ?? [])]) people.set(entry.id, entry);
    for (const id of leave ?? []) people.delete(id);
  }
  return people;
}

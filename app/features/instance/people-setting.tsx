import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { TextField } from "../../components/field.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { sentence } from "../../lib/queries.ts";
import { Setting } from "../account/settings-frame.tsx";
import { peopleQuery } from "./instance-api.ts";
import { PersonRow } from "./person-row.tsx";

/** From how many people on a search field is worth its place. */
const SEARCH_FROM = 10;

/** Everybody with an account here. */
export function PeopleSetting({ me }: { me: string }) {
  const [q, setQ] = useState("");
  const people = useQuery({ ...peopleQuery(q.trim()), placeholderData: keepPreviousData });
  const items = people.data?.items ?? [];
  return (
    <Setting
      title="People"
      about="An account that is switched off is signed out everywhere within seconds and keeps everything it made."
    >
      {(q !== "" || items.length >= SEARCH_FROM) && (
        <TextField label="Find" type="search" autoComplete="off" value={q} onChange={(event) => setQ(event.target.value)} />
      )}
      {people.isPending && <LogSkeleton />}
      {people.isError && (
        <Note kind="fail" icon="warn" title="The people could not be read">
          {sentence(people.error)}
        </Note>
      )}
      <ul className="rows">
        {items.map((person) => (
          <PersonRow key={person.id} person={person} isMe={person.id === me} />
        ))}
      </ul>
      {people.isSuccess && items.length === 0 && <p className="help">Nobody is called that here.</p>}
      {people.data?.nextCursor && <p className="help">There are more. Search for a name or an address.</p>}
    </Setting>
  );
}

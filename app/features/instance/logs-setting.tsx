import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { SelectField } from "../../components/field.tsx";
import { Note } from "../../components/states.tsx";
import { sentence } from "../../lib/queries.ts";
import { Setting } from "../account/settings-frame.tsx";
import { logsQuery } from "./instance-api.ts";
import { readLine } from "./log-line.ts";

/** px from the end within which a log counts as read to its end, and follows what is added */
const NEAR_END_PX = 24;

/** The ends of the logs, followed while the page is open. */
export function LogsSetting() {
  const [process, setProcess] = useState("api");
  const [live, setLive] = useState(true);
  const logs = useQuery({ ...logsQuery(process, live), placeholderData: keepPreviousData });
  const box = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  const lines = logs.data?.lines;
  useEffect(() => {
    const list = box.current;
    if (lines && list && atEnd.current) list.scrollTop = list.scrollHeight;
  }, [lines]);
  const processes = logs.data?.processes ?? [process];
  return (
    <Setting
      title="Logs"
      about="The newest lines of each process, without secrets. The files are in the data folder under logs/."
    >
      <div className="set-line">
        <SelectField
          label="Process"
          value={process}
          options={(processes.includes(process) ? processes : [process, ...processes]).map((one) => ({ value: one, label: one }))}
          onChange={(next) => {
            atEnd.current = true;
            setProcess(next);
          }}
        />
        <label className="set-check">
          <input type="checkbox" checked={live} onChange={(event) => setLive(event.target.checked)} />
          Follow
        </label>
      </div>
      {logs.isError && (
        <Note kind="fail" icon="warn" title="The log could not be read">
          {sentence(logs.error)}
        </Note>
      )}
      <ol
        className="log-lines"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={`Log of ${process}`}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
        }}
      >
        {lines?.map((line, n) => {
          const { time, level, text } = readLine(line);
          return (
            // Lines have no ids and only ever move up as a whole.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <li key={n} data-level={level}>
              {time && <time className="dim">{time} </time>}
              {text}
            </li>
          );
        })}
      </ol>
      {lines?.length === 0 && <p className="help">Nothing is written there.</p>}
    </Setting>
  );
}

import { useEffect, useMemo, useState } from "react";
import type { RunEvent, Stamped } from "../../../party/protocol/run-events.ts";
import type { Row } from "../agent/rows.ts";
import { nextSpeed, paceOf, type Speed } from "./pace.ts";
import { Replay } from "./replay.ts";
import type { Stop } from "./stops.ts";

export interface ReplayControl {
  stops: readonly Stop[];
  /** index of the stop the transcript shows; undefined at the end, which is live while the run is */
  at: number | undefined;
  playing: boolean;
  speed: Speed;
  /** the rows to show: those of the past point, or none at the end */
  rows: readonly Row[] | undefined;
  go: (stop: number) => void;
  toEnd: () => void;
  toggle: () => void;
  faster: () => void;
}

/** Replays a run from its events. @param events grows while the run is live @param count of events, to see it grow */
export function useReplay(events: readonly Stamped<RunEvent>[], count: number): ReplayControl {
  const replay = useMemo(() => new Replay(events), [events]);
  const [at, setAt] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<Speed>(1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the events are the same array with more in it
  const stops = useMemo(() => replay.stops, [replay, count]);
  const last = stops.length - 1;
  const here = at === undefined ? undefined : stops[Math.min(at, last)];
  const next = at === undefined ? undefined : stops[at + 1];
  useEffect(() => {
    if (!playing || at === undefined) return;
    if (!here || !next) {
      setPlaying(false);
      setAt(undefined);
      return;
    }
    const timer = setTimeout(() => setAt(at + 1), paceOf(Date.parse(next.at) - Date.parse(here.at), speed));
    return () => clearTimeout(timer);
  }, [playing, at, here, next, speed]);
  const rows = useMemo(() => here && replay.rowsAfter(here.count), [replay, here]);
  return {
    stops,
    at: here && at,
    playing,
    speed,
    rows,
    go: (stop) => {
      setPlaying(false);
      setAt(stop >= last ? undefined : Math.max(0, stop));
    },
    toEnd: () => {
      setPlaying(false);
      setAt(undefined);
    },
    toggle: () => {
      if (at === undefined) setAt(0);
      setPlaying(!playing);
    },
    faster: () => setSpeed(nextSpeed(speed)),
  };
}

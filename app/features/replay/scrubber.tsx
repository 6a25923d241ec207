import { Button, IconButton } from "../../components/button.tsx";
import { Status } from "../../components/status.tsx";
import { duration } from "../../lib/format.ts";
import { useKeys } from "../../lib/keys.ts";
import type { ReplayControl } from "./use-replay.ts";

/** marks on the track; more of them would be a line */
const MARKS = 200;

/** Goes through a run step by step: a slider over what happened, with marks where people said or decided something. */
export function Scrubber({ replay, live, startedAt }: { replay: ReplayControl; live: boolean; startedAt: string }) {
  const { stops, at, playing, speed } = replay;
  const last = stops.length - 1;
  const place = at ?? last;
  const here = stops[place];
  useKeys({ l: at === undefined ? undefined : replay.toEnd });
  if (!here || last < 1) return null;
  const since = (time: string): string => duration(Date.parse(time) - Date.parse(startedAt));
  const whole = stops[last];
  const end = live ? "live" : "the end";
  const words = `Step ${place + 1} of ${stops.length}, ${since(here.at)}, ${at === undefined ? end : here.words}`;
  const marked = stops.flatMap(({ mark, words: title, seq }, index) => (mark ? [{ mark, title, seq, index }] : []));
  return (
    // biome-ignore lint/a11y/useSemanticElements: controls of one thing, and no fields of a form
    <div className="scrub" role="group" aria-label="Replay" data-past={at !== undefined || undefined}>
      <IconButton
        icon={playing ? "pause" : "play"}
        label={playing ? "Pause the replay" : "Play the run"}
        onClick={replay.toggle}
      />
      <button
        type="button"
        className="btn ghost small num scrub-speed"
        onClick={replay.faster}
        aria-label={`${speed}x, the speed of the replay`}
      >
        {speed}x
      </button>
      <span className="num scrub-t">{since(here.at)}</span>
      <span className="scrub-track">
        <span className="scrub-marks" aria-hidden="true">
          {marked.slice(-MARKS).map(({ mark, title, seq, index }) => (
            <i key={seq} data-k={mark} title={title} style={{ left: `${(index / last) * 100}%` }} />
          ))}
        </span>
        <input
          type="range"
          min={0}
          max={last}
          step={1}
          value={place}
          aria-label="Step of the run"
          aria-valuetext={words}
          onChange={({ target }) => replay.go(Number(target.value))}
        />
      </span>
      <span className="num scrub-t">{whole && since(whole.at)}</span>
      <span className="scrub-end">
        {at === undefined ? (
          live ? (
            <Status kind="live" word="Live" />
          ) : (
            <span className="dim num">{stops.length} steps</span>
          )
        ) : (
          <Button small shortcut="L" onClick={replay.toEnd}>
            {live ? "Jump to live" : "To the end"}
          </Button>
        )}
      </span>
      {at !== undefined && (
        <span className="scrub-step num dim">
          Step {place + 1} of {stops.length}
        </span>
      )}
    </div>
  );
}

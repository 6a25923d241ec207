import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { bytes } from "../../lib/format.ts";
import { argumentRows, hasHidden, showHidden } from "../../lib/visible-text.ts";
import type { WholeText } from "../shell/whole-text.tsx";

export interface Call {
  tool: string;
  /** the folder it runs in, where known */
  cwd?: string;
}

/** Why the whole call is not on the screen yet; nobody decides on a part of it. */
export function whyNotRead(whole: WholeText): string | undefined {
  return whole.state === "whole" ? undefined : "The whole call has to be on the screen first";
}

/**
 * The exact call, in full: every argument, nothing cut, hidden characters written out.
 * @param whole its arguments
 */
export function CallArgs({ call, whole, framed = false }: { call: Call; whole: WholeText; framed?: boolean }) {
  const { tool, cwd } = call;
  const input = whole.text;
  return (
    <>
      {whole.state === "failed" && (
        <p className="gate-warn">
          <Icon name="warn" />
          Only the beginning of this call could be read, of {bytes(whole.bytes)}.
          <Button small onClick={whole.load}>
            Read it again
          </Button>
        </p>
      )}
      <dl className={framed ? "args framed" : "args"}>
        <div>
          <dt>call</dt>
          <dd>{showHidden(tool)}</dd>
        </div>
        {argumentRows(input).map((row) => (
          <div key={row.name}>
            <dt>{row.name}</dt>
            <dd className="args-value">{row.value}</dd>
          </div>
        ))}
        {cwd && (
          <div>
            <dt>folder</dt>
            <dd>{showHidden(cwd)}</dd>
          </div>
        )}
      </dl>
      {hasHidden(input) && (
        <p className="gate-warn">
          <Icon name="warn" />
          Hidden characters in this call are written out as \u&#123;...&#125;. Read it with care.
        </p>
      )}
    </>
  );
}

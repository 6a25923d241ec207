import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { toast } from "../../components/toast.tsx";
import { copied as copyToClipboard } from "../../lib/copy.ts";

/** A text that is shown once, to be copied. */
export function CopyLine({ label, text, help }: { label: string; text: string; help: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (await copyToClipboard(text)) setCopied(true);
    else toast("info", "Copying is not allowed here. Select the text and copy it.");
  };
  return (
    <div className="invite-link">
      <input className="input" readOnly value={text} aria-label={label} onFocus={(event) => event.target.select()} />
      <Button icon={copied ? "check" : "copy"} onClick={() => void copy()}>
        {copied ? "Copied" : "Copy"}
      </Button>
      <p className="help">{help}</p>
    </div>
  );
}

import { toast } from "../components/toast.tsx";

/** Puts a text on the clipboard and says so, or what to do instead where the browser lets no page do that. */
export async function copyText(text: string, done: string): Promise<void> {
  if (await copied(text)) toast("done", done);
  else toast("fail", "This browser did not let the page copy. Select the text and copy it by hand.");
}

/** Puts a text on the clipboard. False where the browser did not let the page. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeByCommand(text);
  }
}

/** The old way, which also works where there is no clipboard for pages: plain HTTP in a home network. */
function writeByCommand(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "vh";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

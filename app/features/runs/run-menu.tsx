import type { RunView } from "../../../party/protocol/agent.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Menu, type MenuEntry } from "../../components/menu.tsx";
import { copyText } from "../../lib/copy.ts";
import { useCompany } from "../shell/company-context.tsx";
import { exportUrl } from "./runs-api.ts";

/** What can be taken of a run: its link, and the whole of it as a file. */
export function RunMenu({ run, agent, words = false }: { run: Pick<RunView, "id">; agent: string; words?: boolean }) {
  const { company } = useCompany();
  const save = (format: "json" | "html") => (): void => saveFrom(exportUrl(company.id, run.id, format));
  const entries: MenuEntry[] = [
    {
      kind: "action",
      id: "link",
      icon: "link",
      label: "Copy link to this run",
      onSelect: () =>
        void copyText(`${location.origin}/c/${company.id}/agents/${agent}/runs/${run.id}`, "Link to this run copied"),
    },
    { kind: "line", id: "export" },
    { kind: "action", id: "html", icon: "file", label: "Save as a page", hint: "HTML", onSelect: save("html") },
    { kind: "action", id: "json", icon: "file", label: "Save with every event", hint: "JSON", onSelect: save("json") },
  ];
  const trigger = words ? <Button icon="more">Link and export</Button> : <IconButton icon="more" label="Link and export" />;
  return <Menu align="end" trigger={trigger} entries={entries} />;
}

/** Saves what an address answers; a browser would leave the page for an answer that is no file. */
function saveFrom(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

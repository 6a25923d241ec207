import { Link } from "@tanstack/react-router";
import { Icon } from "../../components/icon.tsx";
import { bytes, when } from "../../lib/format.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { fileIcon, fileKind, fileTitle } from "./file-words.ts";
import type { StoredFile } from "./files-api.ts";
import type { LibrarySearch } from "./library.tsx";

/** One file of the list; opens beside it. */
export function FileRow({ file, current, search }: { file: StoredFile; current: boolean; search: LibrarySearch }) {
  const { company } = useCompany();
  const title = fileTitle(file);
  return (
    <li>
      <Link
        className="file-row"
        to="/c/$company/files"
        params={{ company: company.id }}
        search={{ ...search, file: file.id }}
        aria-current={current || undefined}
      >
        <Icon name={fileIcon(file)} />
        <span className="file-name" title={title}>
          {title}
        </span>
        <span className="file-kind">{fileKind(file)}</span>
        <span className="file-by">{showHidden(file.by.name)}</span>
        <span className="num">{bytes(file.bytes)}</span>
        <time dateTime={file.at}>{when(file.at, Date.now())}</time>
      </Link>
    </li>
  );
}

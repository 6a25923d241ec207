import { Link } from "@tanstack/react-router";
import type { Attachment } from "../../../party/protocol/common.ts";
import { Icon } from "../../components/icon.tsx";
import { tip } from "../../components/tooltip.tsx";
import { bytes } from "../../lib/format.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { fileUrl } from "./chat-api.ts";
import { FileName } from "./file-name.tsx";

/** Pictures that the server shows in place; anything else is a line with its name. */
const PICTURES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/** The files of a message: pictures as thumbnails, others by name, all of them to open or download. */
export function Attachments({ company, files }: { company: string; files: readonly Attachment[] }) {
  return (
    <ul className="atts" aria-label="Files">
      {files.map((file) => (
        <li key={file.file}>
          {PICTURES.has(file.mime) ? <Picture company={company} file={file} /> : <FileLine company={company} file={file} />}
        </li>
      ))}
    </ul>
  );
}

function Picture({ company, file }: { company: string; file: Attachment }) {
  return (
    <Link
      className="att-pic"
      to="/c/$company/files"
      params={{ company }}
      search={{ file: file.file }}
      {...tip(`${showHidden(file.name)}, ${bytes(file.bytes)}`)}
    >
      <img src={fileUrl(company, file.file, true)} alt={showHidden(file.name)} loading="lazy" decoding="async" />
    </Link>
  );
}

function FileLine({ company, file }: { company: string; file: Attachment }) {
  const name = showHidden(file.name);
  return (
    <span className="att">
      <Icon name="file" />
      <Link to="/c/$company/files" params={{ company }} search={{ file: file.file }}>
        <FileName name={file.name} />
      </Link>
      <a className="num" href={fileUrl(company, file.file)} download aria-label={`Download ${name}, ${bytes(file.bytes)}`}>
        {bytes(file.bytes)}
      </a>
    </span>
  );
}

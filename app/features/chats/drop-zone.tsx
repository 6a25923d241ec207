import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { Icon } from "../../components/icon.tsx";

/** Takes files dropped anywhere on a conversation. */
export function DropZone({
  className,
  label,
  why,
  onFiles,
  children,
}: {
  className: string;
  label: string;
  why: string | undefined;
  onFiles: (files: readonly File[]) => void;
  children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  /** enter and leave come for every element inside; the drag is gone when as many left as entered */
  const depth = useRef(0);
  const holdsFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");
  return (
    <section
      className={className}
      aria-label={label}
      onDragEnter={(event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        depth.current++;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (holdsFiles(event)) event.preventDefault();
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      }}
      onDrop={(event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        if (why === undefined) onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over && (
        <div className="drop-here">
          <Icon name={why === undefined ? "clip" : "lock"} />
          <b>{why ?? "Drop to attach"}</b>
        </div>
      )}
    </section>
  );
}

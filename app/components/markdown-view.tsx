import { type ComponentProps, memo, type ReactNode, useRef } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { copyText } from "../lib/copy.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { closeOpen, isOwnFile, safeHref } from "./markdown-text.ts";

const PLUGINS = [remarkGfm];

/** Raw HTML stays text: nothing here turns it into elements. */
const MarkdownView = memo(function MarkdownView({ text, writing }: { text: string; writing: boolean }) {
  return (
    <div className="md">
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={(url) => url}>
        {writing ? closeOpen(text) : text}
      </ReactMarkdown>
      {writing && <span className="caret" />}
    </div>
  );
});
export default MarkdownView;

/** A heading of a message is below the headings of the screen, whatever its author chose. */
const heading =
  (Tag: "h3" | "h4" | "h5" | "h6") =>
  ({ children }: { children?: ReactNode }) => <Tag>{children}</Tag>;

const COMPONENTS: Components = {
  h1: heading("h3"),
  h2: heading("h4"),
  h3: heading("h5"),
  h4: heading("h6"),
  h5: heading("h6"),
  h6: heading("h6"),
  a: ({ href, children }) => <SafeLink href={href}>{children}</SafeLink>,
  img: ({ src, alt }) => <SafeImage src={typeof src === "string" ? src : ""} alt={alt ?? ""} />,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className="md-table" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => <TaskMark done={checked === true} />,
};

/** A link that says where it goes; one that goes nowhere safe is its text. */
function SafeLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const safe = safeHref(href ?? "");
  if (safe === undefined) return <span>{children}</span>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer nofollow" title={safe}>
      {children}
    </a>
  );
}

/** A picture from elsewhere would tell its host who reads what and when, so only its words are shown. */
function SafeImage({ src, alt }: { src: string; alt: string }) {
  if (isOwnFile(src)) return <img src={src} alt={alt} loading="lazy" />;
  return (
    <span className="md-noimage">
      <Icon name="file" />
      <SafeLink href={src}>{alt || "Picture from elsewhere, not shown"}</SafeLink>
    </span>
  );
}

function CodeBlock({ children }: ComponentProps<"pre">) {
  const block = useRef<HTMLPreElement>(null);
  return (
    <div className="md-code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre ref={block} tabIndex={0}>
        {children}
      </pre>
      <IconButton
        icon="copy"
        label="Copy this code"
        onClick={() => void copyText(block.current?.textContent?.replace(/\n$/, "") ?? "", "Code copied")}
      />
    </div>
  );
}

function TaskMark({ done }: { done: boolean }) {
  return (
    <span className="md-task">
      <Icon name={done ? "check" : "st-idle"} />
      <span className="vh">{done ? "Done: " : "To do: "}</span>
    </span>
  );
}

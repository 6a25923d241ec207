/** Runs inside the frame of artifacts: turns the source that stands in the page into a diagram. No part of the app. */
import mermaid from "mermaid";

async function draw(source: HTMLElement): Promise<void> {
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: dark ? "dark" : "default" });
  try {
    const { svg } = await mermaid.render("diagram", source.textContent ?? "");
    const figure = document.createElement("figure");
    figure.innerHTML = svg;
    source.replaceWith(figure);
  } catch (error) {
    const note = document.createElement("p");
    note.textContent = `This diagram has a mistake: ${error instanceof Error ? error.message : String(error)}`;
    source.before(note);
  }
}

const source = document.getElementById("source");
if (source) void draw(source);

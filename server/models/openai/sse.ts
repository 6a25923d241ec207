/** Server-sent events of a response, as far as streams of models use them: the data of each event. */

/** characters of one event; more is no event of a model, and would fill the memory */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/**
 * The data of each event, in order. An event that the end of the stream cut off is dropped.
 * @throws what reading throws, and SyntaxError for an event that never ends
 */
export async function* serverSentData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (rest.length > MAX_EVENT_CHARS) throw new SyntaxError("an event of the stream does not end");
    for (const line of lines) {
      if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      } else if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
    }
  }
}

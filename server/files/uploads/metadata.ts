/** The header Upload-Metadata of tus: pairs of a name and a value in base64. */

/** Reads the header; pairs that are no pairs are left out. */
export function readMetadata(header: string | undefined): ReadonlyMap<string, string> {
  const pairs = (header ?? "").split(",").flatMap((pair): [string, string][] => {
    const [name, value = ""] = pair.trim().split(" ");
    return name ? [[name, Buffer.from(value, "base64").toString("utf8")]] : [];
  });
  return new Map(pairs);
}

/** Servers of local models on this machine. Asked for only when a person opens the screen that offers them. */
import { probe } from "./probe.ts";

/** ms; what runs on this machine answers at once or is not there */
const LOCAL_TIMEOUT_MS = 700;

export type LocalPlace = { name: string; baseUrl: string };

/** Where the usual servers listen unless told otherwise. All of them speak chat completions. */
const PLACES: readonly LocalPlace[] = [
  { name: "Ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { name: "llama.cpp", baseUrl: "http://127.0.0.1:8080/v1" },
  { name: "vLLM", baseUrl: "http://127.0.0.1:8000/v1" },
  { name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1" },
];

export type LocalOffer = LocalPlace & { models: string[] };

/** The places where a server answers with a list of models. No key is sent. */
export async function findLocal(places: readonly LocalPlace[] = PLACES): Promise<LocalOffer[]> {
  const found = await Promise.all(
    places.map(async (place): Promise<LocalOffer[]> => {
      const asked = { kind: "openai", baseUrl: place.baseUrl, key: undefined, named: [] } as const;
      const verdict = await probe(asked, { timeoutMs: LOCAL_TIMEOUT_MS });
      return verdict.status === "ok" ? [{ ...place, models: verdict.models.map(({ id }) => id) }] : [];
    }),
  );
  return found.flat();
}

/** Addresses of providers: what a person may type, and where each protocol keeps its parts. */
import type { Protocol } from "../../party/protocol/provider-key.ts";

/** Where a protocol is at home. The address of `openai` carries its version, as its clients take it; the others' do not. */
const HOME: Readonly<Record<Protocol, string>> = {
  anthropic: "https://api.anthropic.com",
  gemini: "https://generativelanguage.googleapis.com",
  openai: "https://api.openai.com/v1",
};

const MAX_CHARS = 500;
/** as documentation writes them behind the host; the clients of these protocols add the version themselves */
const VERSION = /\/v1(?:beta)?$/;

export type ReadAddress = { ok: true; baseUrl: string } | { ok: false; why: string };

/**
 * Reads an address as people paste it. Addresses of this machine and of the local network are fine: that is where local
 * models are. Whoever may set one is an admin.
 */
export function readAddress(text: string, protocol: Protocol): ReadAddress {
  const trimmed = text.trim();
  // `localhost:11434` reads as a scheme with a path.
  const url = parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  if (!url || trimmed.length > MAX_CHARS) return refuse("This is not an address. One looks like https://api.example.com/v1.");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return refuse("Only addresses with http:// or https:// can be used.");
  if (url.username !== "" || url.password !== "")
    return refuse("The address holds a password. Put the key into its own field instead.");
  if (url.search !== "" || url.hash !== "") return refuse("The address goes on behind a ? or #. Leave that part away.");
  const path = url.pathname.replace(/\/+$/, "").replace(/\/(?:chat\/completions|messages|models)$/, "");
  return { ok: true, baseUrl: url.origin + pathFor(path, protocol) };
}

function pathFor(path: string, protocol: Protocol): string {
  if (protocol !== "openai") return path.replace(VERSION, "");
  return path === "" ? "/v1" : path;
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) && /^[^\s\p{Cc}]+$/u.test(text) ? new URL(text) : undefined;
}

function refuse(why: string): ReadAddress {
  return { ok: false, why };
}

/** Where a provider is: its own address, or the protocol's home. */
export function addressOf({ kind, baseUrl }: { kind: Protocol; baseUrl: string | null }): string {
  return baseUrl ?? HOME[kind];
}

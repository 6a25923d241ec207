/**
 * What a runner is lent to call models for one run: the providers that may answer, the best first. It holds a key, so it
 * stays in memory and goes into no journal, no event and no log.
 */
import { z } from "zod";

export const PROVIDER_KINDS = ["anthropic", "gemini", "openai", "rehearsal"] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

const rates = {
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cached: z.number().nonnegative(),
  /** micro-USD per million tokens written to the provider's cache; without it they cost as input */
  cacheWrite: z.number().nonnegative().optional(),
};
/** micro-USD per million tokens */
export const modelPrice = z.object({
  ...rates,
  /** what a request costs as a whole when it reads more than `over` tokens */
  long: z.object({ over: z.number().int().positive(), ...rates }).optional(),
});
export type ModelPrice = z.infer<typeof modelPrice>;

export const modelCandidate = z.object({
  /** which protocol it speaks */
  provider: z.enum(PROVIDER_KINDS),
  /** id as the provider knows it */
  model: z.string().min(1).max(200),
  /** as people see it */
  label: z.string().min(1).max(80),
  baseUrl: z.url().optional(),
  key: z.string().optional(),
  /** tokens it can read; absent when nobody knows */
  contextTokens: z.number().int().positive().optional(),
  /** absent when nobody knows: the cost is then shown as unknown */
  price: modelPrice.optional(),
});
export type ModelCandidate = z.infer<typeof modelCandidate>;

/** `POST /internal/models/access` */
export const modelAccessRequest = z.object({ run: z.string().min(1).max(64), token: z.string().min(1).max(4_096) });
export const modelAccess = z.object({ candidates: z.array(modelCandidate).min(1).max(20) });
export type ModelAccess = z.infer<typeof modelAccess>;

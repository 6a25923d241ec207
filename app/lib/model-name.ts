import { REHEARSAL, readModelChoice, type Tier } from "../../party/protocol/model-choice.ts";

const TIER_NAMES: Readonly<Record<Tier, string>> = { fast: "Fast", balanced: "Balanced", strong: "Strong" };

export function tierName(tier: Tier): string {
  return TIER_NAMES[tier];
}

export function isRehearsal(model: string): boolean {
  return model === REHEARSAL || model.startsWith(`${REHEARSAL}/`) || model.endsWith(`/${REHEARSAL}`);
}

/** A model as people read it. A rehearsal is always called one: nobody may take it for a model that thinks. */
export function modelName(model: string): string {
  return isRehearsal(model) ? "Rehearsal model, no provider key" : chosenName(model);
}

/** The same where there is little room. */
export function shortModel(model: string): string {
  return isRehearsal(model) ? "Rehearsal, no provider key" : chosenName(model);
}

function chosenName(model: string): string {
  const choice = readModelChoice(model);
  switch (choice.kind) {
    case "tier":
      return `${tierName(choice.tier)} model`;
    case "model":
      return choice.model;
    default:
      return model;
  }
}

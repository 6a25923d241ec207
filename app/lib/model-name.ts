/** The built-in model that follows a script and needs no key. */
export const REHEARSAL = "rehearsal";

export function isRehearsal(model: string): boolean {
  return model === REHEARSAL || model.startsWith(`${REHEARSAL}/`) || model.endsWith(`/${REHEARSAL}`);
}

/** A model as people read it. A rehearsal is always called one: nobody may take it for a model that thinks. */
export function modelName(model: string): string {
  return isRehearsal(model) ? "Rehearsal model, no provider key" : model;
}

/** The same where there is little room. */
export function shortModel(model: string): string {
  return isRehearsal(model) ? "Rehearsal, no provider key" : model;
}

const KEY = "atrium.company";

/** The company this person was in last, on this device. */
export function lastCompany(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

export function rememberCompany(id: string): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // storage is blocked: the next visit opens the first company
  }
}

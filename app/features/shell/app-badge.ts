import { useEffect } from "react";
import { useMyNeeds } from "../needs/use-my-needs.ts";

/** The count beside “Needs you”, on the icon of the installed app. Browsers without badges show nothing. */
export function useAppBadge(): void {
  const needs = useMyNeeds();
  useEffect(() => badge(needs), [needs]);
  // Whoever signs out leaves no count behind.
  useEffect(() => () => badge(0), []);
}

function badge(count: number): void {
  if (!("setAppBadge" in navigator)) return;
  // Refused where the app is not installed or may not notify; a badge is an extra, so nothing is said.
  void (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => undefined);
}

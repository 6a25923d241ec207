import { useEffect, useSyncExternalStore } from "react";

/** px; below it the phone screens, as in styles/responsive.css */
const PHONE = "(max-width: 720px)";
/** px; below it the rail is a drawer */
const NARROW = "(max-width: 1180px)";

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}

export function usePhone(): boolean {
  return useMedia(PHONE);
}

export function useNarrow(): boolean {
  return useMedia(NARROW);
}

/** Gives the phone screens their larger rows and type, unless the person chose a density. */
export function usePhoneDensity(): void {
  const phone = usePhone();
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (phone && !dataset.density) dataset.density = "touch";
    else if (!phone && dataset.density === "touch") delete dataset.density;
  }, [phone]);
}

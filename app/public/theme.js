// Runs before the first paint, so no screen flashes in the wrong theme. A file of its own because the page's
// Content-Security-Policy allows no inline scripts. Keep the names in step with app/lib/theme.ts.
(() => {
  const root = document.documentElement;
  for (const name of ["theme", "contrast", "density", "motion"]) {
    try {
      const value = localStorage.getItem(`atrium.${name}`);
      if (value) root.dataset[name] = value;
    } catch {
      // storage is blocked: the system's preferences apply
    }
  }
  if (!root.dataset.density && matchMedia("(max-width: 720px)").matches) root.dataset.density = "touch";
})();

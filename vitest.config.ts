/** Its own root: vite.config.ts has the app's, where no test would be found. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: ".",
  test: {
    include: [
      "party/**/*.test.ts",
      "server/**/*.test.ts",
      "db/**/*.test.ts",
      "skills/**/*.test.ts",
      "app/**/*.test.ts",
      "app/**/*.test.tsx",
      "e2e/rooms/**/*.test.ts",
      "e2e/structure/**/*.test.ts",
      "e2e/simulator/**/*.test.ts",
      "e2e/chaos/**/*.test.ts",
    ],
    // Whole processes start and stop in some tests; the machine may be busy.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});

/** Checks that need a file system of their own, and so root: `npm run test:mounts`. Not part of `npm test`. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: ".",
  test: {
    include: ["e2e/mounts/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});

import { defineConfig } from "vitest/config";
import everything from "../../vitest.config.ts";

/** The power cuts alone: they take minutes, and mount file systems. */
export default defineConfig({
  ...everything,
  test: {
    ...everything.test,
    include: ["test/proofs/power-cut*.test.ts"],
    exclude: [],
    retry: 0,
    // A file system for each of two cores.
    maxConcurrency: 2,
  },
});

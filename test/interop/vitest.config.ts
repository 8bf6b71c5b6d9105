import { defineConfig } from "vitest/config";
import { retriesInCi, Unsteady } from "../unsteady.ts";
import { InteropReporter } from "./reporter.ts";

export default defineConfig({
  test: {
    include: ["test/interop/**/*.interop.ts"],
    globalSetup: ["test/interop/setup.ts"],
    reporters: ["verbose", new InteropReporter(), new Unsteady(), "./test/closing-line.ts"],
    // The clients are other processes: a few at once keep two cores busy, more only make them time out.
    maxWorkers: 3,
    testTimeout: 180_000,
    retry: retriesInCi,
    hookTimeout: 60_000,
  },
});

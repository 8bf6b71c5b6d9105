import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/sabotage/sabotage.test.ts"],
    globalSetup: ["test/sabotage/setup.ts"],
    reporters: ["verbose", "./test/closing-line.ts"],
    // The longest: all tests that any defect needs, on a busy machine.
    testTimeout: 900_000,
  },
});

import { writeFile } from "node:fs/promises";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { interopPage, type Observation } from "./page.ts";

function observe(test: TestCase): Observation[] {
  const { interop } = test.meta();
  if (interop === undefined) return [];
  const result = test.result();
  const note = result.state === "skipped" ? (result.note ?? "no reason") : undefined;
  return [{ ...interop, state: result.state, ...(note !== undefined && { note }) }];
}

function skipLines(observations: readonly Observation[]): string[] {
  const counts = new Map<string, number>();
  for (const { client, note } of observations)
    if (note !== undefined) {
      const line = `${client}: ${note}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
  return [...counts].map(([line, count]) => `  ${count} x ${line}`);
}

/** Counts the skips with their reasons, and writes the page to the file that HOLDFAST_INTEROP_PAGE names. */
export class InteropReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const observations = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap(observe),
    );
    const skipped = observations.filter(({ note }) => note !== undefined);
    const lines = [
      `interop: ${observations.length} steps, ${skipped.length} skipped`,
      ...skipLines(observations),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    const page = process.env["HOLDFAST_INTEROP_PAGE"];
    if (page !== undefined) await writeFile(page, interopPage(observations));
  }
}

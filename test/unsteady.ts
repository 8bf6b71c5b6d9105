import type { Reporter, TestCase, TestModule } from "vitest/node";

/** In CI a test that fails is tried once more (decision 0028). On a desk it is not. */
export const retriesInCi = process.env["CI"] === "true" ? 1 : 0;

/** With more of them in a run it is the change that is unsteady, and not the machine. */
const unsteadyMax = 2;

/** What these show has to hold each time: one write lost in a thousand kills is a write lost. */
const heldEachTime = ["packages/engine/", "test/audit/", "test/proofs/"];

const linesOfStack = 12;

/** Names the tests that passed at their second try only, and fails the run where that is no excuse. */
export class Unsteady implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const unsteady = modules.flatMap((module) =>
      [...module.children.allTests()].filter((test) => test.diagnostic()?.flaky === true),
    );
    if (unsteady.length === 0) return;
    const refused = unsteady.filter(isOfProof);
    const isTooMany = unsteady.length > unsteadyMax;
    const lines = [
      `unsteady: ${unsteady.length} failed once and passed when tried again`,
      ...unsteady.map(described),
      ...(isTooMany ? [`Not more than ${unsteadyMax} may be: this run has failed.`] : []),
      ...refused.map((test) => `A proof has no second try, so this run has failed: ${test.name}`),
    ];
    process.stdout.write(`\n${lines.join("\n")}\n`);
    if (isTooMany || refused.length > 0) process.exitCode = 1;
  }
}

function isOfProof({ module }: TestCase): boolean {
  return heldEachTime.some((folder) => module.relativeModuleId.startsWith(folder));
}

function described(test: TestCase): string {
  const said = (test.result().errors ?? []).map(({ message, stack = message }) =>
    stack.split("\n").slice(0, linesOfStack),
  );
  return [`${test.module.relativeModuleId} > ${test.fullName}`, ...said.flat()].join("\n  ");
}

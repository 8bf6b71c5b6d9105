import type { Defect } from "../defect.ts";

const endpoint = ["packages/lab/src/endpoint/probe-endpoint.test.ts"];
const proxy = ["packages/lab/src/start-lab-proxy.test.ts"];
const reports = ["packages/lab/src/reports/reports.test.ts"];

/** What would make a report or a probe of endpoints untrue, and a lab before another server useless. */
export const defectsOfLabCommands: readonly Defect[] = [
  {
    row: "lab",
    name: "text of others that becomes an element of the page",
    file: "packages/lab/src/reports/html.ts",
    find: "visible(said).replaceAll(/[&<>\"']/g",
    replace: "visible(said).replaceAll(/[&>\"']/g",
    tests: reports,
  },
  {
    row: "lab",
    name: "text of others that becomes a cell of the table",
    file: "packages/lab/src/reports/markdown.ts",
    find: "/[\\\\`*_{}[\\]|~#>!]/g",
    replace: "/[\\\\`*_{}[\\]~#>!]/g",
    tests: reports,
  },
  {
    row: "lab",
    name: "text of others that turns the text around it",
    file: "packages/lab/src/reports/visible.ts",
    find: "\\p{Cf}",
    replace: "",
    tests: reports,
  },
  {
    row: "lab",
    name: "a fault that never fired, taken for a success",
    file: "packages/lab/src/reports/summary.ts",
    find: 'return tally.diverges > 0 || tally["not fired"] > 0;',
    replace: "return tally.diverges > 0;",
    tests: reports,
  },
  {
    row: "lab",
    name: "an endpoint's success where AWS refuses",
    file: "packages/lab/src/endpoint/judge-answer.ts",
    find: 'if (status < 300) return diverges(["lies"], judged);',
    replace: "",
    tests: endpoint,
    only: "success",
  },
  {
    row: "lab",
    name: "an endpoint's code under another status",
    file: "packages/lab/src/endpoint/judge-answer.ts",
    find: "known !== undefined && statusOf(known) !== status",
    replace: "known !== undefined && statusOf(known) < status - 400",
    tests: endpoint,
    only: "another status",
  },
  {
    row: "lab",
    name: "an endpoint's document without what its code comes with",
    file: "packages/lab/src/endpoint/judge-answer.ts",
    find: "code === undefined || lacking.length > 0",
    replace: "code === undefined",
    tests: endpoint,
    only: "lacks an element",
  },
  {
    row: "lab",
    name: "an upload that a probe leaves at an endpoint",
    file: "packages/lab/src/endpoint/world.ts",
    find: 'if (this.#values.has("upload")) {',
    replace: 'if (this.#lacks.has("upload")) {',
    tests: endpoint,
    only: "nothing of the probe is left",
  },
  {
    row: "lab",
    name: "a question that would empty a bucket of somebody else's",
    file: "packages/lab/src/endpoint/probe-endpoint.ts",
    find: "question.ownBucket === true && !world.ownsBucket",
    replace: "question.ownBucket === true && world.ownsBucket",
    tests: endpoint,
    only: "would do harm",
  },
  {
    row: "lab",
    name: "a fault that only a lab with an engine can carry out, before another server",
    file: "packages/lab/src/wire/lab-server.ts",
    find: 'Object.keys(keys).every((key) => key === "*")',
    replace: "Object.keys(keys).length >= 0",
    tests: proxy,
    only: "refused in a sentence",
  },
];

import type { Defect } from "../defect.ts";

/** What a careless proxy would get wrong. */
export const defectsOfProxy: readonly Defect[] = [
  {
    row: "gateway",
    name: "a key that leads above its bucket at an upstream",
    file: "packages/gateway/src/upstream/remote-target.ts",
    find: "if (depth < 0) return true;",
    replace: "if (depth < -9) return true;",
    tests: ["test/proxy/defects.test.ts"],
    only: "leads out of its bucket",
  },
  {
    row: "gateway",
    name: "a finer reason that is not counted as the document's word",
    file: "packages/gateway/src/operator/request-meter.ts",
    find: "const failure = authFailureOf(reason);",
    replace:
      'const failure = reason === "malformed_component" ? undefined : authFailureOf(reason);',
    tests: ["test/proxy/document-tables.test.ts"],
    only: "auth failures",
  },
  {
    row: "gateway",
    name: "a violation of the scope that counts as something else",
    file: "packages/gateway/src/access/scope-violation.ts",
    find: 'reason: "scope_violation"',
    replace: 'reason: "forbidden"',
    tests: ["test/proxy/document-tables.test.ts"],
    only: "scope violation",
  },
  {
    row: "gateway",
    name: "a proof that the page of a proxy's defects only claims",
    file: "docs/reference/proxy-defects.md",
    find: "host must be signed",
    replace: "host need not be signed",
    tests: ["test/proxy/defects-page.test.ts"],
  },
  {
    row: "gateway",
    name: "a piece of an answer whose memory is used again before the system has taken it",
    file: "packages/gateway/src/stages/respond.ts",
    find: "    response.write(bytes, settle);",
    replace: "    response.write(bytes);\n    settle();",
    tests: ["test/proxy/crowded-reads.test.ts"],
  },
  {
    row: "gateway",
    name: "as much memory for each body of a crowd as for a single one",
    file: "packages/client/src/transport/spare-buffers.ts",
    find: "this.#bodies > bodiesUsually",
    replace: "this.#bodies > Infinity",
    tests: ["packages/client/src/transport/reused-memory.test.ts"],
    only: "in a crowd",
  },
];

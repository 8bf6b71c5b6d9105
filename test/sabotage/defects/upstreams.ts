import type { Defect } from "../defect.ts";

const upstream = "packages/gateway/src/upstream";

/** What a careless proxy would get wrong between its clients and the servers behind it. */
export const defectsOfUpstreams: readonly Defect[] = [
  {
    row: "gateway",
    name: "a body whose end goes to the upstream before it was verified",
    file: `${upstream}/verified-body.ts`,
    find: "    if (held !== undefined) yield held;\n    held = piece;\n",
    replace: "    yield piece;\n",
    tests: [`${upstream}/integrity.test.ts`],
  },
  {
    row: "gateway",
    name: "a write that may have happened and is sent again",
    file: `${upstream}/upstream.ts`,
    find: "let spare = draft.isRead ? 1 : 0;",
    replace: "let spare = 1;",
    tests: [`${upstream}/misbehaving.test.ts`],
  },
  {
    row: "gateway",
    name: "an upstream that tells of a success before it has the body, and is believed",
    file: "packages/client/src/transport/exchange.ts",
    find: "if (status < 300 && this.#pump?.isSentWhole === false) {",
    replace: "if (status < 200) {",
    tests: [`${upstream}/misbehaving.test.ts`],
  },
  {
    row: "gateway",
    name: "a refusal of the gateway's own credential that its client is blamed for",
    file: `${upstream}/read-refusal.ts`,
    find: 'if (error.category === "unauthenticated" || ours.has(code)) return credentialRefused(error);',
    replace: "if (ours.has(error.name)) return credentialRefused(error);",
    tests: [`${upstream}/misbehaving.test.ts`],
  },
  {
    row: "gateway",
    name: "a header that cannot be honoured and is left out",
    file: `${upstream}/outgoing-headers.ts`,
    find: 'if (row.fate === "refused") throw unsupportedHeader(name);',
    replace: 'if (row.fate === "refused") continue;',
    tests: [`${upstream}/header-tables.test.ts`],
  },
  {
    row: "gateway",
    name: "a connection that is kept although its client has left",
    file: `${upstream}/answer-body.ts`,
    find: "this.#source.destroy();",
    replace: "this.#source.discard();",
    tests: [`${upstream}/misbehaving.test.ts`],
  },
];

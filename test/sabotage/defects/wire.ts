import type { Defect } from "../defect.ts";

const transport = "packages/client/src/transport";
const parser = [`${transport}/answer-parser.test.ts`];
const pool = [`${transport}/connection-pool.test.ts`];
const reused = [`${transport}/reused-memory.test.ts`];
const hostile = [`${transport}/hostile-server.test.ts`];

/** What an HTTP client gets wrong on the wire, in ours. */
export const defectsOfWire: readonly Defect[] = [
  {
    row: "client",
    name: "a second length that is believed",
    file: `${transport}/answer-head.ts`,
    find: 'else if (name === "content-length") MalformedAnswer.refuse("the length is stated twice");',
    replace: 'else if (name === "content-length") return;',
    tests: parser,
  },
  {
    row: "client",
    name: "a length beside chunks",
    file: `${transport}/answer-head.ts`,
    find: 'if (length !== undefined) MalformedAnswer.refuse("both a length and a coding are stated");',
    replace: "",
    tests: parser,
  },
  {
    row: "client",
    name: "a head's end that is missed where the connection cuts it",
    file: `${transport}/answer-parser.ts`,
    find: "const found = held.indexOf(headEnd, Math.max(0, before - headEnd.length + 1));",
    replace: "const found = held.indexOf(headEnd, before);",
    tests: parser,
  },
  {
    row: "client",
    name: "bytes behind an answer that are left to the next one",
    file: `${transport}/wire-connection.ts`,
    find: "this.#isSent && !isFollowed &&",
    replace: "this.#isSent &&",
    tests: pool,
  },
  {
    row: "client",
    name: "a connection that is used again though the request was not sent whole",
    file: `${transport}/wire-connection.ts`,
    find: "this.#isSent && !isFollowed &&",
    replace: "!isFollowed &&",
    tests: hostile,
  },
  {
    row: "client",
    name: "a byte that nobody asked for and that ends nothing",
    file: `${transport}/wire-connection.ts`,
    find: "      // Nothing was asked, so nothing that comes can be believed.\n      this.destroy();\n",
    replace: "",
    tests: pool,
  },
  {
    row: "client",
    name: "who waits longest and is served last",
    file: `${transport}/connection-pool.ts`,
    find: "const [next] = this.#waiting;",
    replace: "const next = [...this.#waiting].at(-1);",
    tests: pool,
  },
  {
    row: "client",
    name: "a connection that died and is still counted",
    file: `${transport}/connection-pool.ts`,
    find: "    this.#connections.delete(connection);\n",
    replace: "",
    tests: pool,
  },
  {
    row: "client",
    name: "informational answers without end",
    file: `${transport}/answer-parser.ts`,
    find: "this.#informational > informationalMax",
    replace: "this.#informational > Infinity",
    tests: parser,
  },
  {
    row: "client",
    name: "memory that the next body is read into while the reader still has it",
    file: `${transport}/wire-body.ts`,
    find: "      this.#release = release;\n",
    replace: "      release?.();\n",
    tests: reused,
  },
  {
    row: "client",
    name: "a piece that is read over before its reader asks for the next",
    file: `${transport}/wire-connection.ts`,
    find: "if (takesMore === false || this.#buffer.isReused)",
    replace: "if (takesMore === false)",
    tests: reused,
  },
  {
    row: "client",
    name: "decrypted bytes that are read over those which a reader still has",
    file: `${transport}/wire-connection.ts`,
    find: 'if (!("encrypted" in this.#socket)) this.#buffer.reuse();',
    replace: "this.#buffer.reuse();",
    tests: [`${transport}/over-tls.test.ts`],
  },
];

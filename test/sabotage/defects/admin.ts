import type { Defect } from "../defect.ts";

const server = ["packages/gateway/src/admin/server.test.ts"];
const api = ["packages/gateway/src/admin/api.test.ts"];

/** What a careless admin listener, or a careless command, would get wrong. */
export const defectsOfAdmin: readonly Defect[] = [
  {
    row: "gateway",
    name: "an admin token of which the beginning is enough",
    file: "packages/gateway/src/admin/token.ts",
    find: "timingSafeEqual(adminTokenDigest(token), digest)",
    replace: "timingSafeEqual(adminTokenDigest(token.slice(0, 43)), digest)",
    tests: server,
  },
  {
    row: "gateway",
    name: "an admin request for the name of anybody's site",
    file: "packages/gateway/src/admin/allowed-host.ts",
    find: 'name === "localhost" || names.includes(name)',
    replace: 'name.startsWith("localhost") || names.includes(name)',
    tests: server,
  },
  {
    row: "gateway",
    name: "an admin body of any length",
    file: "packages/gateway/src/admin/read-json.ts",
    find: "if (size > bodyBytesMax) throw",
    replace: "if (size < 0) throw",
    tests: server,
  },
  {
    row: "gateway",
    name: "an empty list that passes as an object",
    file: "packages/gateway/src/admin/schemas/fields.ts",
    find: "Array.isArray(dataset.value) ? null : dataset.value",
    replace: "dataset.value",
    tests: server,
  },
  {
    row: "gateway",
    name: "a refusal by the admin listener that is not recorded",
    file: "packages/gateway/src/admin/server.ts",
    find: 'if (code === undefined && (route === undefined || route.method === "GET")) return;',
    replace: 'if (code !== undefined || route?.method === "GET") return;',
    tests: server,
  },
  {
    row: "gateway",
    name: "a page of a list that repeats its last entry",
    file: "packages/gateway/src/admin/routes/tenants.ts",
    find: "nextPageToken: next === undefined ? undefined : pageToken(next)",
    replace: "nextPageToken: next === undefined ? undefined : pageToken(next.slice(0, -1))",
    tests: api,
  },
  {
    row: "gateway",
    name: "a bucket of the engine that is hidden behind an upstream's",
    file: "packages/gateway/src/admin/routes/buckets.ts",
    find: "if (await isOfEngine(parts, name)) throw",
    replace: 'if (name === "" && (await isOfEngine(parts, name))) throw',
    tests: api,
  },
];

import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestParts, type TestParts } from "./admin-parts.test.support.ts";
import { startAdmin } from "./admin.ts";
import { adminErrors } from "./catalogue.ts";
import { adminRoutes } from "./routes.ts";
import type { AdminServer } from "./server.ts";
import { adminTokenDigest } from "./token.ts";

const token = "d".repeat(43);
const runs = Number(process.env["HOLDFAST_FUZZ_RUNS"] ?? 1500);
const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

let opened: TestParts;
let server: AdminServer;
const failures: unknown[] = [];
beforeAll(async () => {
  opened = await openTestParts();
  server = await startAdmin({
    ...opened.parts,
    tokenDigest: adminTokenDigest(token),
    host: "127.0.0.1",
    port: 0,
    failed: (_, cause) => failures.push(cause),
  });
});
afterAll(async () => {
  await server.close({ graceMs: 0 });
  await opened.close();
});

const name = fc.constantFrom("acme", "uploads", "ceph", "*", "AKIA", "a".repeat(64), "..", "");
const fieldNames =
  "tenant grants bucket verbs prefix disabled limits expiresInSeconds softBytes hardBytes requestsPerSecond upstream " +
  "remoteBucket rules allowedOrigins allowedMethods __proto__ constructor description";
const key = fc.constantFrom(...fieldNames.split(" "));
const leaf = fc.oneof(
  name,
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.double(),
  fc.integer(),
  fc.constantFrom(null, true, false, 1e308, -0, "read", "GET"),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 6 }),
  ),
}));
const body = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.dictionary(key, value, { maxKeys: 6 }).map((one) => JSON.stringify(one)),
  },
  { weight: 2, arbitrary: value.map((one) => JSON.stringify(one) ?? "") },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
);
const row = fc.constantFrom(...adminRoutes);
const query = fc.array(fc.tuple(fc.oneof(key, fc.constantFrom("limit", "from", "format")), name), {
  maxLength: 2,
});

/** Everything that the API can change, as it is read back by it. */
async function everything(): Promise<string> {
  const { control } = opened.parts;
  control.refresh();
  const [tenants, credentials] = [await control.listTenants(), await control.listCredentials()];
  const { masterKey } = control.state();
  return JSON.stringify([
    tenants,
    credentials,
    control.attachments(),
    control.settings(),
    masterKey,
  ]);
}

interface Drawn {
  readonly path: string;
  readonly method: string;
  readonly body: string;
}

const request: fc.Arbitrary<Drawn> = fc
  .tuple(row, body, query, fc.array(name, { minLength: 2, maxLength: 2 }))
  .map(([{ method, pattern }, sent, pairs, names]) => {
    let index = 0;
    const path = pattern.replaceAll(/\{\w+\}/g, () => encodeURIComponent(names[index++] ?? ""));
    const search = new URLSearchParams(pairs.map(([one, of]): [string, string] => [one, of]));
    return { method, path: `${path}?${search.toString()}`, body: sent };
  });

function send(
  { path, method, body: sent }: Drawn,
  headers: Record<string, string>,
): Promise<Response> {
  const hasBody = method !== "GET";
  return fetch(`${server.endpoint}${path}`, {
    method,
    headers: { ...headers, ...(hasBody && { "content-type": "application/json" }) },
    ...(hasBody && { body: sent }),
  });
}

test("no request with random JSON is one that the server fails at, and every refusal is of the catalogue", async () => {
  const codes = new Map<string, number>();
  const property = fc.asyncProperty(request, async (drawn) => {
    const answer = await send(drawn, { authorization: `Bearer ${token}` });
    const text = await answer.text();
    const code = answer.ok ? "done" : String(JSON.parse(text).error.code);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    expect([drawn, failures]).toEqual([drawn, []]);
    expect(answer.status).toBeLessThan(500);
    if (!answer.ok) expect(Object.keys(adminErrors)).toContain(code);
  });
  await fc.assert(property, { numRuns: runs, seed });
  console.log(`${runs} requests from seed ${seed}: ${JSON.stringify(Object.fromEntries(codes))}`);
  expect(codes.get("done")).toBeGreaterThan(0);
  expect(codes.get("unknown_field")).toBeGreaterThan(0);
});

test("no request changes anything without the token", async () => {
  const before = await everything();
  const wrong = fc.oneof(
    fc.constant({}),
    fc.stringMatching(/^[a-z]{43}$/).map((text) => ({ authorization: `Bearer ${text}` })),
    fc.constant({ cookie: `token=${token}` }),
    fc.constant({ "x-admin-token": token }),
  );
  const property = fc.asyncProperty(
    request,
    wrong,
    async (drawn, headers: Record<string, string>) => {
      fc.pre(headers["authorization"] !== `Bearer ${token}`);
      const answer = await send(drawn, headers);
      await answer.text();
      const isOpen = /^\/(?:healthz|readyz|metrics|openapi\.json)\?/.test(drawn.path);
      if (!isOpen) expect(answer.status).toBe(401);
    },
  );
  await fc.assert(property, { numRuns: runs / 3, seed });
  expect(await everything()).toBe(before);
});

import { expect, test } from "vitest";
import { openApiDocument } from "./openapi.ts";
import { adminApiPage } from "./reference-page.ts";
import { adminRoutes } from "./routes.ts";

test("docs/reference/admin-openapi.json is the table of routes", async () => {
  await expect(`${JSON.stringify(openApiDocument(), null, 2)}\n`).toMatchFileSnapshot(
    "../../../../docs/reference/admin-openapi.json",
  );
});

test("docs/reference/admin-api.md is the table of routes", async () => {
  await expect(adminApiPage()).toMatchFileSnapshot("../../../../docs/reference/admin-api.md");
});

test("no two rows share a name, or a method and path", () => {
  const names = adminRoutes.map(({ name }) => name);
  const places = adminRoutes.map(
    ({ method, pattern }) => `${method} ${pattern.replaceAll(/\{\w+\}/g, "{}")}`,
  );
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(places).size).toBe(places.length);
});

test("every name in a path is a field of the row's path, and the other way round", () => {
  const { paths } = openApiDocument();
  const document = JSON.stringify(paths);
  for (const { name, pattern } of adminRoutes) {
    const inPattern = [...pattern.matchAll(/\{(\w+)\}/g)].map(([, field]) => field);
    const [, described = ""] = document.split(`"operationId":"${name}"`);
    const [parameters = ""] = described.split('"responses"', 1);
    const named = parameters.matchAll(/"name":"(\w+)","in":"path"/g);
    expect([...named].map(([, field]) => field)).toEqual(inPattern);
  }
});

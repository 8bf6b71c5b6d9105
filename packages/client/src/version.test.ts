import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clientVersion } from "./version.ts";

test("the version that reports name is the package's", () => {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  expect(JSON.parse(text)).toMatchObject({ version: clientVersion });
});

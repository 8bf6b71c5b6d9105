import { expect, test } from "vitest";
import { packageInfo } from "../package-info.ts";
import { checkNode } from "./node.ts";

test.each([
  ["20.19.0", "ok"],
  ["20.20.2", "ok"],
  ["22.0.0", "ok"],
  ["24.1.0-nightly", "ok"],
  ["20.18.9", "fail"],
  ["18.99.0", "fail"],
])("Node.js %s is %s", (version, status) => {
  expect(checkNode(version, ">=20.19").status).toBe(status);
});

test("the Node.js that runs this test satisfies the package", () => {
  expect(checkNode(process.versions.node, packageInfo().nodeRange).status).toBe("ok");
});

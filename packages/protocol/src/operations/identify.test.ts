import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { identify, type RequestShape } from "./identify.ts";
import type { OperationRow } from "./row.ts";
import {
  operationNames,
  operations,
  unimplementedSubresources,
  type OperationName,
} from "./table.ts";

const rows = operationNames.map((name): [OperationName, OperationRow] => [name, operations[name]]);

function shapeOf(row: OperationRow, extra: Readonly<Record<string, string>> = {}): RequestShape {
  const required = (row.requires ?? []).map((one) => {
    const [name = "", value = "1"] = one.split("=");
    return [name, value] as const;
  });
  return {
    method: row.method,
    target: row.target,
    query: new Map([...required, ...Object.entries(extra)]),
    headers: row.header === undefined ? {} : { [row.header]: "/b/k" },
    unknownShapeCode: "MethodNotAllowed",
  };
}

function codeOf(shape: RequestShape): string {
  try {
    return identify(shape);
  } catch (error) {
    if (S3Error.is(error)) return error.code;
    throw error;
  }
}

describe("every row of the table", () => {
  test.each(rows)("%s is found by its own shape", (name, row) => {
    expect(identify(shapeOf(row))).toBe(name);
  });

  test.each(rows)("%s keeps its name with every parameter that it takes", (name, row) => {
    const taken = Object.fromEntries((row.takes ?? []).map((parameter) => [parameter, "x"]));
    expect(identify(shapeOf(row, { ...taken, "x-id": name, "x-anything": "1" }))).toBe(name);
  });

  test.each(rows)("%s never swallows a subresource that is not implemented", (_name, row) => {
    const required = new Set((row.requires ?? []).map((one) => one.split("=")[0]));
    for (const subresource of unimplementedSubresources) {
      if (required.has(subresource)) continue;
      const shape = shapeOf(row, { [subresource]: "" });
      const found = codeOf(shape);
      // Another row may be made by it, such as GET ?location beside GET of the bucket.
      const isOwn = rows.some(
        ([name, other]) => name === found && (other.requires ?? []).includes(subresource),
      );
      const refusals = ["NotImplemented", "InvalidRequest", "InvalidArgument"];
      expect(isOwn || refusals.includes(found), `${subresource}: ${found}`).toBe(true);
    }
  });

  test.each(rows)("%s refuses a parameter that S3 does not know", (_name, row) => {
    expect(codeOf(shapeOf(row, { surprise: "1" }))).toBe("InvalidRequest");
  });

  test("a body goes only with a method that carries one", () => {
    const methods = rows.filter(([, row]) => row.body !== "none").map(([, row]) => row.method);
    expect(new Set(methods)).toEqual(new Set(["PUT", "POST"]));
  });
});

describe("shapes just outside the table", () => {
  const object = {
    target: "object" as const,
    headers: {},
    unknownShapeCode: "MethodNotAllowed" as const,
  };
  const bucket = { ...object, target: "bucket" as const };
  const service = { ...object, target: "service" as const };
  const put = { ...object, method: "PUT" };
  const get = { ...object, method: "GET" };

  test.each([
    [
      "a part number without its upload",
      { ...put, query: new Map([["partNumber", "1"]]) },
      "InvalidArgument",
    ],
    [
      "an upload id without a part number",
      { ...put, query: new Map([["uploadId", "u"]]) },
      "MethodNotAllowed",
    ],
    ["POST to the service", { ...service, method: "POST", query: new Map() }, "MethodNotAllowed"],
    ["PUT to the service", { ...service, method: "PUT", query: new Map() }, "MethodNotAllowed"],
    [
      "DELETE of the service",
      { ...service, method: "DELETE", query: new Map() },
      "MethodNotAllowed",
    ],
    ["PATCH", { ...object, method: "PATCH", query: new Map() }, "MethodNotAllowed"],
    ["GET of an object's uploads", { ...get, query: new Map([["uploads", ""]]) }, "InvalidRequest"],
    [
      "GET of an object's versions",
      { ...get, query: new Map([["versions", ""]]) },
      "NotImplemented",
    ],
    [
      "PUT of a bucket's encryption",
      { ...bucket, method: "PUT", query: new Map([["encryption", ""]]) },
      "NotImplemented",
    ],
    [
      "a listing of another version",
      { ...bucket, method: "GET", query: new Map([["list-type", "3"]]) },
      "InvalidRequest",
    ],
    [
      "a copy source on GET",
      { ...get, headers: { "x-amz-copy-source": "/b/k" }, query: new Map() },
      "InvalidRequest",
    ],
  ])("%s is refused as S3 does", (_what, shape, code) => {
    expect(codeOf(shape)).toBe(code);
  });

  test("an unknown method says which ones there are", () => {
    const shape = { ...object, method: "PATCH", query: new Map() };
    expect(() => identify(shape)).toThrow(
      expect.objectContaining({ headers: { allow: "GET, HEAD, PUT, DELETE, POST" } }),
    );
  });

  test("an unknown method is InvalidRequest where the profile says so", () => {
    const shape = { ...service, method: "POST", query: new Map() };
    expect(codeOf({ ...shape, unknownShapeCode: "InvalidRequest" })).toBe("InvalidRequest");
  });

  test("any request is a row of the table or an S3 error, whatever its parameters are called", () => {
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom("__proto__", "constructor", "uploads", "uploadId", "partNumber", "list-type"),
    );
    const shapes = fc.record({
      method: fc.constantFrom("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "__proto__"),
      target: fc.constantFrom("service" as const, "bucket" as const, "object" as const),
      query: fc.array(fc.tuple(names, fc.string())).map((pairs) => new Map(pairs)),
      headers: fc.constantFrom({}, { "x-amz-copy-source": "/b/k" }),
      unknownShapeCode: fc.constant("MethodNotAllowed" as const),
    });
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(typeof codeOf(shape)).toBe("string");
      }),
    );
  });
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { actualHeaders, preflightHeaders } from "./match.ts";
import { corsMethods, type CorsRule } from "./rule.ts";

/** The same decisions by regular expression, written apart from the code under test. */
function isMatch(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll("*", ".*")}$`, "s").test(text);
}

const words = fc.constantFrom("a", "b", "ab", "aba", "https://a.b", "https://a", "");
const pattern = fc.oneof(
  words.filter((word) => word !== ""),
  fc.constantFrom("*", "a*", "*a", "a*a", "https://*.b", "https://*"),
);
const rule: fc.Arbitrary<CorsRule> = fc.record({
  allowedOrigins: fc.array(pattern, { minLength: 1, maxLength: 3 }),
  allowedMethods: fc.subarray([...corsMethods], { minLength: 1 }),
  allowedHeaders: fc.array(pattern, { maxLength: 3 }),
  exposeHeaders: fc.subarray(["etag", "x-amz-meta-a"]),
  maxAgeSeconds: fc.option(fc.nat(), { nil: undefined }),
});
const rules = fc.array(rule, { minLength: 1, maxLength: 4 });

test("the first rule that has the origin, the method and all headers answers, and no other does", () => {
  const question = fc.record({
    origin: words,
    method: fc.constantFrom(...corsMethods, "PATCH"),
    headers: fc.array(fc.constantFrom("a", "b", "AB", "aba", "c"), { maxLength: 3 }),
  });
  const property = fc.property(rules, question, (given, { origin, method, headers }) => {
    const expected = given.find(
      (one) =>
        one.allowedMethods.some((allowed) => allowed === method) &&
        one.allowedOrigins.some((allowed) => isMatch(allowed, origin)) &&
        headers.every((name) =>
          one.allowedHeaders.some((allowed) => isMatch(allowed.toLowerCase(), name.toLowerCase())),
        ),
    );
    const asked = { origin, method, requestHeaders: headers.join(", ") };
    const answer = preflightHeaders(given, asked);
    expect(answer?.["access-control-allow-methods"]).toBe(expected?.allowedMethods.join(", "));
    expect(answer?.["access-control-max-age"]).toBe(expected?.maxAgeSeconds?.toString());
    const allowed = answer?.["access-control-allow-origin"];
    expect(allowed).toBe(answer && (allowed === "*" ? "*" : origin));
    expect(answer?.["access-control-allow-credentials"]).toBe(
      answer && (allowed === "*" ? undefined : "true"),
    );
  });
  fc.assert(property, { numRuns: 2000 });
});

test("headers that a page sends do not matter once it sends the request", () => {
  const property = fc.property(rules, words, (given, origin) => {
    const expected = preflightHeaders(given, { origin, method: "GET" });
    expect(actualHeaders(given, { origin, method: "GET" })).toEqual(expected);
  });
  fc.assert(property);
});

test("an origin of another case, or with more behind it, is another origin", () => {
  const given: readonly CorsRule[] = [
    {
      allowedOrigins: ["https://*.example.com"],
      allowedMethods: ["GET"],
      allowedHeaders: [],
      exposeHeaders: [],
    },
  ];
  const allows = (origin: string): boolean =>
    actualHeaders(given, { origin, method: "GET" }) !== undefined;
  expect(allows("https://a.example.com")).toBe(true);
  for (const origin of ["https://a.example.com.evil", "HTTPS://a.example.com", "https://example.com", "null"]) {
    expect(allows(origin)).toBe(false);
  } // prettier-ignore
});

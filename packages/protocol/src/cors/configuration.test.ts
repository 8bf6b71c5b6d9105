import * as fc from "fast-check";
import { expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { readXml } from "../xml/reader.ts";
import { readCorsConfiguration, renderCorsConfiguration } from "./configuration.ts";
import { corsMethods, type CorsRule } from "./rule.ts";

const text = fc.stringMatching(/^[!-)+-~]{1,20}$/);
const pattern = fc.oneof(text, fc.constant("*"), text.map((one) => `*${one}`)); // prettier-ignore
const rule: fc.Arbitrary<CorsRule> = fc.record(
  {
    id: fc.string({ maxLength: 255 }),
    allowedOrigins: fc.array(pattern, { minLength: 1, maxLength: 4 }),
    allowedMethods: fc.subarray([...corsMethods], { minLength: 1 }),
    allowedHeaders: fc.array(pattern, { maxLength: 4 }),
    exposeHeaders: fc.array(fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/), { maxLength: 4 }),
    maxAgeSeconds: fc.nat(),
  },
  { requiredKeys: ["allowedOrigins", "allowedMethods", "allowedHeaders", "exposeHeaders"] },
);

function read(document: string): readonly CorsRule[] {
  return readCorsConfiguration(readXml(Buffer.from(document)));
}

test("rules that are rendered are read as they were", () => {
  const property = fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), (rules) => {
    expect(read(renderCorsConfiguration(rules))).toEqual(rules);
  });
  fc.assert(property);
});

const origin = "<AllowedOrigin>*</AllowedOrigin>";
const method = "<AllowedMethod>GET</AllowedMethod>";
const rules = (...inner: readonly string[]): string =>
  `<CORSConfiguration>${inner.map((one) => `<CORSRule>${one}</CORSRule>`).join("")}</CORSConfiguration>`;
const plain = origin + method;

function codeOf(document: string): string | undefined {
  try {
    read(document);
    return undefined;
  } catch (error) {
    return S3Error.is(error) ? error.code : "no S3 error";
  }
}

test.each([
  ["none at all", "<CORSConfiguration/>", "MalformedXML"],
  ["100 rules", rules(...Array.from({ length: 100 }, () => plain)), undefined],
  ["101 rules", rules(...Array.from({ length: 101 }, () => plain)), "MalformedXML"],
  ["another root", `<Cors><CORSRule>${plain}</CORSRule></Cors>`, "MalformedXML"],
  ["an unknown element", rules(`${plain}<Allow>x</Allow>`), "MalformedXML"],
  ["an element beside the rules", `<CORSConfiguration><Rule>${plain}</Rule></CORSConfiguration>`, "MalformedXML"],
  ["no origin", rules(method), "MalformedXML"],
  ["no method", rules(origin), "MalformedXML"],
  ["an element within an origin", rules(`<AllowedOrigin><a/></AllowedOrigin>${method}`), "MalformedXML"],
  ["an ID of 255", rules(`<ID>${"i".repeat(255)}</ID>${plain}`), undefined],
  ["an ID of 256", rules(`<ID>${"i".repeat(256)}</ID>${plain}`), "InvalidRequest"],
  ["two IDs", rules(`<ID>a</ID><ID>b</ID>${plain}`), "MalformedXML"],
  ["the method PATCH", rules(`${origin}<AllowedMethod>PATCH</AllowedMethod>`), "InvalidRequest"],
  ["the method get", rules(`${origin}<AllowedMethod>get</AllowedMethod>`), "InvalidRequest"],
  ["an origin of two wildcards", rules(`<AllowedOrigin>http://*.*</AllowedOrigin>${method}`), "InvalidRequest"],
  ["a header of two wildcards", rules(`${plain}<AllowedHeader>x-*-*</AllowedHeader>`), "InvalidRequest"],
  ["an empty origin", rules(`<AllowedOrigin/>${method}`), "InvalidRequest"],
  ["an exposed wildcard", rules(`${plain}<ExposeHeader>*</ExposeHeader>`), "InvalidRequest"],
  ["an exposed line end", rules(`${plain}<ExposeHeader>a&#13;&#10;b: c</ExposeHeader>`), "InvalidRequest"],
  ["an age that is no number", rules(`${plain}<MaxAgeSeconds>1h</MaxAgeSeconds>`), "MalformedXML"],
  ["an age below zero", rules(`${plain}<MaxAgeSeconds>-1</MaxAgeSeconds>`), "MalformedXML"],
  ["an age beyond 32 bits", rules(`${plain}<MaxAgeSeconds>2147483648</MaxAgeSeconds>`), "MalformedXML"],
])("a configuration with %s comes to %3$s", (_what, document, code) => {
  expect(codeOf(document)).toBe(code);
}); // prettier-ignore

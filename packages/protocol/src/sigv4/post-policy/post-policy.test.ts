import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { S3Error } from "../../errors/s3-error.ts";
import { policySignerFields, signPolicy } from "../sign-policy.ts";
import { SigningKeys } from "../signing-keys.ts";
import { checkPostPolicy, type FileSizes } from "./check-policy.ts";
import { readPolicySignature, verifyPolicySignature } from "./policy-signature.ts";
import { readPostPolicy } from "./read-policy.ts";

const now = Date.UTC(2026, 10, 21, 12);
const expiration = "2026-11-21T13:00:00.000Z";
const encode = (policy: unknown): string =>
  Buffer.from(typeof policy === "string" ? policy : JSON.stringify(policy)).toString("base64");

function outcomeOf<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (S3Error.is(error)) return `${error.code} ${error.reason}`;
    throw error;
  }
}

interface Form {
  readonly fields?: Readonly<Record<string, string>>;
  readonly conditions?: readonly unknown[];
  readonly bucket?: string;
  readonly at?: number;
}

function check({ fields = {}, conditions = [], bucket = "b", at = now }: Form): FileSizes | string {
  const given = new Map(Object.entries(fields));
  const policy = encode({ expiration, conditions: [{ bucket: "b" }, ...conditions] });
  return outcomeOf(() => checkPostPolicy(readPostPolicy(policy), { fields: given, bucket, now: at }));
} // prettier-ignore

const any = { min: 0, max: Number.MAX_SAFE_INTEGER };
const failed = "AccessDenied policy_condition_failed";
const extra = "AccessDenied policy_extra_field";

describe("a policy is not one", () => {
  test.each<[string, string]>([
    ["nothing", ""],
    ["no base64", "{}"],
    ["base64 with other letters", `${encode({ expiration, conditions: [] })}Ł`],
    ["no JSON", encode("{")],
    ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22]).toString("base64")],
    ["a list", encode([])],
    ["null", encode("null")],
    ["no expiration", encode({ conditions: [] })],
    ["an expiration in capitals", encode({ EXPIRATION: expiration, conditions: [] })],
    ["an expiration that is no date", encode({ expiration: "tomorrow", conditions: [] })],
    ["an expiration that is a number", encode({ expiration: 4102444800, conditions: [] })],
    ["a day that does not exist", encode({ expiration: "2026-02-30T00:00:00Z", conditions: [] })],
    ["no conditions", encode({ expiration })],
    ["conditions in capitals", encode({ expiration, CONDITIONS: [] })],
    ["conditions that are an object", encode({ expiration, conditions: {} })],
    ["another member", encode({ expiration, conditions: [], version: 1 })],
    ...[
      "acl", 1, null, {}, { acl: "private", key: "k" }, { acl: ["private"] }, { acl: true },
      [], ["eq", "$acl"], ["eq", "acl", "private"], ["eq", "$acl", "private", "x"], ["equals", "$acl", "x"],
      ["starts-with", "$key", null], [1, "$key", "a"], ["content-length-range", 0], ["content-length-range", -1, 0],
      ["content-length-range", 2, 1], ["content-length-range", "a", 1], ["content-length-range", 0, 1.5],
      ["content-length-range", 0, 1e21],
    ].map((one): [string, string] => [
      `the condition ${JSON.stringify(one)}`,
      encode({ expiration, conditions: [one] }),
    ]),
  ])("with %s", (_what, policy) => {
    expect(outcomeOf(() => readPostPolicy(policy))).toBe("InvalidPolicyDocument invalid_policy");
  });
}); // prettier-ignore

describe("a form", () => {
  test.each<[string, Form, FileSizes | string]>([
    ["of another bucket", { bucket: "c" }, failed],
    ["that names another bucket", { fields: { bucket: "c" } }, failed],
    ["a millisecond before the end", { at: Date.parse(expiration) - 1 }, any],
    ["at the end", { at: Date.parse(expiration) }, "AccessDenied policy_expired"],
    ["with what is asked for", { fields: { acl: "private" }, conditions: [{ acl: "private" }] }, any],
    ["with the names in other letters", { fields: { acl: "private" }, conditions: [["eQ", "$aCl", "private"]] }, any],
    ["with another value", { fields: { acl: "public-read" }, conditions: [{ acl: "private" }] }, failed],
    ["without a field that is asked for", { conditions: [{ acl: "private" }] }, failed],
    ["without a field that may be anything", { conditions: [["starts-with", "$x-amz-meta-a", ""]] }, any],
    ["with a field that nothing speaks of", { fields: { acl: "private" } }, extra],
    ["with fields to be ignored", { fields: { "x-ignore-a": "1", policy: "p", "x-amz-signature": "s" } }, any],
    ["with a field that only looks ignored", { fields: { "x-ignored": "1" } }, extra],
    ["with a key that begins so", { fields: { key: "user/a" }, conditions: [["starts-with", "$key", "user/"]] }, any],
    ["with a key that begins so after a space", { fields: { key: " user/a" }, conditions: [["starts-with", "$key", "user/"]] }, failed],
    ["that satisfies the first of two conditions", { fields: { key: "user/a" }, conditions: [["starts-with", "$key", "user/"], ["eq", "$key", "user/b"]] }, failed],
    ["that satisfies the last of two conditions", { fields: { key: "user/a" }, conditions: [["eq", "$key", "user/b"], ["starts-with", "$key", "user/"]] }, failed],
    ["with types that all begin so", { fields: { "content-type": "image/png, image/gif" }, conditions: [["starts-with", "$Content-Type", "image/"]] }, any],
    ["with a type that hides another", { fields: { "content-type": "image/png,text/html" }, conditions: [["starts-with", "$Content-Type", "image/"]] }, failed],
    ["with a number that is not quoted in the policy", { fields: { success_action_status: "201" }, conditions: [{ success_action_status: 201 }] }, any],
    ["with a dollar and a backslash", { fields: { key: String.raw`\$a.txt` }, conditions: [["starts-with", "$key", String.raw`\$a`]] }, any],
    ["of a size", { conditions: [["content-length-range", 1, 10]] }, { min: 1, max: 10 }],
    ["of sizes in quotes, in two conditions", { conditions: [["content-length-range", "5", "100"], ["content-length-range", "1", "10"]] }, { min: 5, max: 10 }],
    ["with a prototype's name", { fields: { ["__proto__"]: "x", constructor: "x" } }, extra],
  ])("%s comes to that", (_what, form, outcome) => {
    expect(check(form)).toEqual(outcome);
  });

  test("is allowed only if every condition holds and every field is spoken of, in any order", () => {
    const names = fc.constantFrom("key", "acl", "x-amz-meta-a", "x-ignore-a");
    const values = fc.constantFrom("", "a", "ab", "b");
    const conditions = fc.array(fc.tuple(fc.constantFrom("eq", "starts-with"), names, values), {
      maxLength: 5,
    });
    const fields = fc.dictionary(names, values, { maxKeys: 4 });
    const property = fc.property(fields, conditions, (given, wanted) => {
      const isAllowed =
        wanted.every(([is, name, value]) => {
          const has = given[name] ?? "";
          return is === "eq" ? has === value : has.slice(0, value.length) === value;
        }) &&
        Object.keys(given).every(
          (name) => name === "x-ignore-a" || wanted.some(([, one]) => one === name),
        );
      const said = wanted.map(([is, name, value]) => [is, `$${name}`, value]);
      expect(typeof check({ fields: given, conditions: said }) === "object").toBe(isAllowed);
    });
    fc.assert(property, { numRuns: 2000 });
  });
}); // prettier-ignore

test("any bytes as a policy are read or refused, and nothing else", () => {
  const json = fc.json({ maxDepth: 4 }).map(encode);
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), json);
  fc.assert(
    fc.property(text, (policy) => {
      expect(typeof outcomeOf(() => readPostPolicy(policy))).toBeTypeOf("string");
    }),
  );
});

describe("the signature of a form", () => {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret" };
  const options = { credentials, region: "us-east-1", now };
  const keys = new SigningKeys();
  const policy = JSON.stringify({ expiration, conditions: [{ bucket: "b" }] });
  const signed = { ...policySignerFields(options), ...signPolicy(policy, options) };

  function verdict(fields: Readonly<Record<string, string>>, secret = "a secret"): string {
    const run = (): string => {
      const presented = readPolicySignature(new Map(Object.entries(fields)), options);
      if (presented === undefined) return "unsigned";
      verifyPolicySignature(presented, { secret, sessionToken: undefined, keys });
      return presented.accessKeyId;
    };
    return outcomeOf(run);
  }

  test("is believed, whenever the form is sent", () => {
    expect(verdict(signed)).toBe("AKIDEXAMPLE");
    expect(verdict({ key: "k", "x-amz-date": "19700101T000000Z" })).toBe("unsigned");
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["of another policy", { policy: encode("{}") }, "SignatureDoesNotMatch bad_signature"],
    ["that is cut", { "x-amz-signature": signed["x-amz-signature"]?.slice(1) ?? "" }, "SignatureDoesNotMatch bad_signature"],
    ["of another day", { "x-amz-date": "20261122T120000Z" }, "InvalidArgument scope_date_mismatch"],
    ["of no day", { "x-amz-date": "today" }, "InvalidArgument malformed_date"],
    ["of another algorithm", { "x-amz-algorithm": "AWS4-HMAC-SHA1" }, "InvalidArgument unsupported_algorithm"],
    ["of another region", { "x-amz-credential": "AKIDEXAMPLE/20261121/mars/s3/aws4_request" }, "InvalidArgument wrong_region"],
    ["of another service", { "x-amz-credential": "AKIDEXAMPLE/20261121/us-east-1/sqs/aws4_request" }, "InvalidArgument wrong_service"],
    ["of no credential", { "x-amz-credential": "AKIDEXAMPLE" }, "InvalidArgument malformed_credential"],
    ["of version 2 beside it", { signature: "x" }, "InvalidRequest signature_version_2"],
  ])("%s is not", (_what, changed, outcome) => {
    expect(verdict({ ...signed, ...changed })).toBe(outcome);
  });

  test("is not that of another secret", () => {
    expect(verdict(signed, "another secret")).toBe("SignatureDoesNotMatch bad_signature");
  });

  test.each(["policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"])(
    "without the field %s is not whole",
    (name) => {
      const { [name]: _dropped, ...rest } = signed;
      expect(verdict(rest)).toBe("InvalidArgument missing_parameter");
      expect(verdict({ ...rest, [name]: "" })).toBe("InvalidArgument missing_parameter");
    },
  );

  test("of a policy is not that of letters with the same low bytes", () => {
    const twin = (signed["policy"] ?? "").replace(/^./, (one) =>
      String.fromCharCode(one.charCodeAt(0) + 0x100),
    );
    expect(verdict({ ...signed, policy: twin })).toBe("InvalidArgument malformed_component");
  });
}); // prettier-ignore

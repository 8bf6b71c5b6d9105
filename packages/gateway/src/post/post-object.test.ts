import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { buffer } from "node:stream/consumers";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { policySignerFields, signPolicy, type SigningCredentials } from "@holdfast/protocol";
import { MemoryControl, grant, testCredential } from "../access/memory-control.test.support.ts";
import type { Authorized, Reply } from "../context.ts";
import type { RequestRecord } from "../options.ts";
import { credentials, documentOf, fieldsOf, refusalOf, region, startSubject, type Answer, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

const root = { ...credentials, grants: "all", disabled: false } as const;
const control = new MemoryControl(root);
const records: RequestRecord[] = [];

interface Put {
  readonly request: Authorized;
  readonly body: Buffer;
}
const puts: Put[] = [];
/** As an upstream takes it: nothing is stored unless all that was announced came. */
const upstreams = {
  async forward(request: Authorized): Promise<Reply> {
    const { contentLength } = request.incoming;
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of request.incoming) {
      pieces.push(Buffer.from(piece));
      length += piece.length;
      if (length === contentLength) puts.push({ request, body: Buffer.concat(pieces) });
    }
    if (contentLength === 0) puts.push({ request, body: Buffer.alloc(0) });
    return { status: 200, headers: { etag: '"up"', "content-length": "0" }, body: "" };
  },
};

const subjects = new Map<string, Subject>();
beforeAll(async () => {
  for (const profile of ["documented", "aws"] as const) {
    const log = (record: RequestRecord): void => void records.push(record);
    const subject = await startSubject(profile, { control, upstreams, log, anonymous: true });
    subjects.set(profile, subject);
    await subject.send({ method: "PUT", target: "/here" });
  }
  const at = { upstream: "ceph", remoteBucket: "acme", createdAt: 0 };
  control.attach("there", { bucket: "there", ...at });
});
beforeEach(async () => {
  puts.length = 0;
  records.length = 0;
  control.bindings.clear();
  for (const subject of subjects.values()) {
    await subject.send({ method: "PUT", target: "/here/k", body: "as it was" });
  }
});
afterAll(async () => {
  for (const subject of subjects.values()) await subject.close();
});

type Profile = "documented" | "aws";
interface Form {
  readonly bucket?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Beside the bucket and the signer's own; those of the fields unless told. */
  readonly conditions?: readonly unknown[];
  readonly policy?: string;
  readonly as?: SigningCredentials;
  readonly signedAt?: number;
  readonly expiresAt?: number;
  /** Replaces what was signed; undefined leaves a field out. */
  readonly spoil?: Readonly<Record<string, string | undefined>>;
  readonly file?: string | Buffer;
  readonly filename?: string;
  /** What stands behind the file, with the end of the form. */
  readonly end?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isChunked?: boolean;
  readonly profile?: Profile;
}

function fieldsFor(form: Form): Record<string, string | undefined> {
  const { bucket = "here", as = credentials, signedAt: now = Date.now() } = form;
  const fields = { key: "k", ...form.fields };
  const options = { credentials: as, region, now };
  const signer = policySignerFields(options);
  const own = Object.entries(fields).map(([name, value]) => ({ [name]: value }));
  const expiration = new Date(form.expiresAt ?? Date.now() + 60_000).toISOString();
  const conditions = [
    { bucket },
    ...(form.conditions ?? own),
    ...Object.entries(signer).map(([name, value]) => ({ [name]: value })),
  ];
  const policy = form.policy ?? JSON.stringify({ expiration, conditions });
  return { ...fields, ...signer, ...signPolicy(policy, options), ...form.spoil };
}

const boundary = "----WebKitFormBoundaryABC";
function bodyOf(form: Form): Buffer {
  const { file = "the file", filename = "cat.jpg", end = `\r\n--${boundary}--\r\n` } = form;
  const parts = Object.entries(fieldsFor(form)).map(([name, value]) =>
    value === undefined
      ? ""
      : `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: image/jpeg\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(parts.join("") + head),
    Buffer.from(file),
    Buffer.from(end),
  ]); // prettier-ignore
}

async function post(form: Form = {}, body = bodyOf(form)): Promise<Answer> {
  const { bucket = "here", profile = "documented", isChunked = false } = form;
  const framing = isChunked ? {} : { "content-length": String(body.length) };
  const type = { "content-type": `multipart/form-data; boundary=${boundary}` };
  return await new Promise<Answer>((resolve, reject) => {
    const { port } = subjects.get(profile)?.gateway ?? {};
    const headers = { ...type, ...framing, ...form.headers };
    const options = { host: "127.0.0.1", port, path: `/${bucket}`, method: "POST", headers };
    const request = httpRequest(options, (response) => {
      const { statusCode: status = 0, headers: answered, rawHeaders } = response;
      buffer(response).then(
        (all) => resolve({ status, headers: answered, rawHeaders, body: all }),
        reject,
      );
    });
    request.on("error", reject);
    request.write(body.subarray(0, 100));
    request.end(body.subarray(100));
  });
}

function stored(key = "k", profile: Profile = "documented"): Promise<Answer> {
  const subject = subjects.get(profile);
  if (subject === undefined) throw new TypeError(profile);
  return subject.send({ method: "GET", target: `/here/${key}` });
}

const range = (min: number, max: number): readonly unknown[] => [
  { key: "k" },
  ["content-length-range", min, max],
];
const large = Buffer.alloc(200_000, "large ");

describe.each(["documented", "aws"] as const)("in the profile %s", (profile) => {
  test("a form that its policy allows is stored, with what it says of the object", async () => {
    const fields = {
      key: "user/ü ${filename}",
      "Content-Type": "image/jpeg",
      "Cache-Control": "no-store",
      "x-amz-meta-tag": "ä",
      acl: "private",
      "x-amz-checksum-sha256": createHash("sha256").update("the file").digest("base64"),
    };
    const { key: _key, ...fixed } = fields;
    const conditions = [["starts-with", "$key", "user/"], ...Object.entries(fixed).map(([name, value]) => ["eq", `$${name}`, value])]; // prettier-ignore
    const filename = String.raw`C:\pictures\cat$&.jpg`;
    const answer = await post({ profile, fields, conditions, filename });
    expect(answer).toMatchObject({ status: 204, body: Buffer.alloc(0) });
    const key = "user/%C3%BC%20cat%24%26.jpg";
    expect(answer.headers["location"]).toMatch(new RegExp(`/here/${key}$`.replaceAll("$&", "")));
    const object = await stored(key, profile);
    expect(object.body.toString()).toBe("the file");
    expect(object.headers).toMatchObject({
      etag: answer.headers.etag,
      "content-type": "image/jpeg",
      "cache-control": "no-store",
      "x-amz-meta-tag": Buffer.from("ä").toString("latin1"),
    });
    expect(records.find(({ operation }) => operation === "PostObject")).toMatchObject({
      key: "user/ü cat$&.jpg",
      accessKeyId: credentials.accessKeyId,
      status: 204,
    });
  });

  const refused: readonly (readonly [string, Form, number, string, string])[] = [
    ["an unknown key", { as: { accessKeyId: "AKIDUNKNOWN", secretAccessKey: "x" } }, 401, "InvalidAccessKeyId", "unknown_access_key"],
    ["another secret", { as: { ...credentials, secretAccessKey: "x" } }, 401, "SignatureDoesNotMatch", "bad_signature"],
    ["another policy than was signed", { spoil: { policy: Buffer.from("{}").toString("base64") } }, 401, "SignatureDoesNotMatch", "bad_signature"],
    ["a policy without a signature", { spoil: { "x-amz-signature": undefined } }, 400, "InvalidArgument", "missing_parameter"],
    ["a signature without a policy", { spoil: { policy: undefined } }, 400, "InvalidArgument", "missing_parameter"],
    ["a token that is not the credential's", { spoil: { "x-amz-security-token": "t" } }, 400, "InvalidToken", ""],
    ["a policy that has expired", { expiresAt: Date.now() - 1000 }, 403, "AccessDenied", "policy_expired"],
    ["a policy without an end", { policy: '{"conditions":[]}' }, 400, "InvalidPolicyDocument", "invalid_policy"],
    ["another value than the policy has", { conditions: [{ key: "other" }] }, 403, "AccessDenied", "policy_condition_failed"],
    ["one of two conditions broken", { conditions: [["starts-with", "$key", ""], { key: "other" }] }, 403, "AccessDenied", "policy_condition_failed"],
    ["a field that no condition has", { spoil: { extra: "x" } }, 403, "AccessDenied", "policy_extra_field"],
    ["a policy for another bucket", { policy: JSON.stringify({ expiration: "2099-01-01T00:00:00Z", conditions: [{ bucket: "other" }] }) }, 403, "AccessDenied", "policy_condition_failed"],
    ["no key", { spoil: { key: undefined }, conditions: [] }, 400, "UserKeyMustBeSpecified", ""],
    ["an empty key", { fields: { key: "" } }, 400, "InvalidArgument", "invalid_key"],
    ["a key of 1025 bytes", { fields: { key: "k".repeat(1025) } }, 400, "KeyTooLongError", ""],
    ["a file that is too large", { conditions: range(0, 7) }, 400, "EntityTooLarge", ""],
    ["a file that is too small", { conditions: range(9, 100) }, 400, "EntityTooSmall", ""],
    ["a large file that is too small", { file: large, conditions: range(200_001, 1e9) }, 400, "EntityTooSmall", ""],
    ["a large file that is too large", { file: large, conditions: range(0, 199_999) }, 400, "EntityTooLarge", ""],
    ["an ACL for everyone", { fields: { acl: "public-read" } }, 501, "NotImplemented", "unsupported_header"],
    ["a copy in disguise", { fields: { "x-amz-copy-source": "/secret/k" } }, 501, "NotImplemented", "unsupported_header"],
    ["tags", { fields: { tagging: "<Tagging/>" } }, 501, "NotImplemented", "unsupported_header"],
    ["a line end for a header", { fields: { "Content-Type": "a\r\nx: b" } }, 400, "InvalidArgument", "unsendable_field"],
    ["a name that no header has", { fields: { "x-amz-meta-a b": "c" } }, 400, "InvalidArgument", "unsendable_field"],
    ["a wrong checksum", { fields: { "x-amz-checksum-crc32": "AAAAAA==" } }, 400, "BadDigest", ""],
    ["two checksums", { fields: { "x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-crc32c": "AAAAAA==" } }, 400, "InvalidRequest", ""],
    ["no end", { end: "" }, 400, "MalformedPOSTRequest", "open_form"],
    ["an Authorization beside it", { headers: { authorization: "AWS4-HMAC-SHA256 a" } }, 400, "", ""],
    ["a presigned address beside it", { headers: { authorization: "AWS a:b" } }, 400, "", ""],
    ["fields of more than 20 KiB", { spoil: { "x-ignore-a": "x".repeat(20 * 1024) } }, 400, "MaxPostPreDataLengthExceededError", ""],
  ]; // prettier-ignore
  const documentedOnly = new Map([["InvalidAccessKeyId", 403], ["SignatureDoesNotMatch", 403]]); // prettier-ignore

  test.each(refused)("%s leaves the object of that key as it was", async (...row) => {
    const [, form, documented, code, reason] = row;
    const answer = await post({ ...form, profile });
    const refusal = refusalOf(answer);
    const status = profile === "aws" ? (documentedOnly.get(code) ?? documented) : documented;
    expect(refusal).toMatchObject({ status, BucketName: "here" });
    if (code !== "") expect(refusal["Code"]).toBe(code);
    const record = records.find(({ operation }) => operation === "PostObject");
    if (reason !== "") expect(record?.reason).toBe(reason);
    expect((await stored("k", profile)).body.toString()).toBe("as it was");
    expect(answer.body.toString()).not.toContain(credentials.secretAccessKey);
  });
});

describe("a form", () => {
  test("is believed until its policy ends, whenever it was signed", async () => {
    const old = Date.now() - 6 * 24 * 3600 * 1000;
    expect((await post({ signedAt: old })).status).toBe(204);
  });

  test("may have fields to be ignored, and numbers in its policy", async () => {
    const spoil = { "x-ignore-me": "x", "X-Ignore-Me-Too": "y" };
    expect((await post({ spoil })).status).toBe(204);
    const fields = { success_action_status: "200" };
    const conditions = [{ key: "k" }, { success_action_status: 200 }, ["content-length-range", "1", "8"]]; // prettier-ignore
    expect((await post({ fields, conditions })).status).toBe(200);
  });

  test.each([
    ["200", 200],
    ["204", 204],
    ["404", 204],
    ["", 204],
  ])("that asks for the status %s gets %d and no body", async (wanted, status) => {
    const answer = await post({ fields: { success_action_status: wanted } });
    expect(answer).toMatchObject({ status, body: Buffer.alloc(0) });
  });

  test("that asks for the status 201 gets a document", async () => {
    const answer = await post({ fields: { success_action_status: "201", key: "a b/<&>" } });
    const document = documentOf(answer);
    expect(answer).toMatchObject({ status: 201, headers: { "content-type": "application/xml" } });
    expect([document.name, fieldsOf(document)]).toEqual([
      "PostResponse",
      {
        Location: `${subjects.get("documented")?.gateway.endpoint}/here/a%20b/%3C%26%3E`,
        Bucket: "here",
        Key: "a b/<&>",
        ETag: answer.headers.etag,
      },
    ]);
  });

  test("that names a page gets there, with what became of it", async () => {
    const fields = { success_action_redirect: "https://example.com/done?a=1", key: "ü&b" };
    const answer = await post({ fields });
    const { searchParams, origin } = new URL(answer.headers.location ?? "");
    expect([answer.status, origin, Object.fromEntries(searchParams)]).toEqual([
      303,
      "https://example.com",
      { a: "1", bucket: "here", key: "ü&b", etag: answer.headers.etag },
    ]);
  });

  test.each(["javascript:alert(1)", "not a page", "/here"])(
    "that names %s as its page gets nowhere",
    async (page) => {
      const answer = await post({ fields: { success_action_redirect: page } });
      expect(answer.status).toBe(204);
    },
  );

  test("may have a button behind its file, and no line end behind itself", async () => {
    const button = `\r\n--${boundary}\r\nContent-Disposition: form-data; name="submit"\r\n\r\nUpload\r\n--${boundary}--`;
    expect((await post({ file: large, end: button })).status).toBe(204);
    expect((await stored()).body.equals(large)).toBe(true);
  });

  test("may come without a length", async () => {
    expect((await post({ file: large, isChunked: true })).status).toBe(204);
    expect((await stored()).body.equals(large)).toBe(true);
  });

  test("may have an empty file, and one without a name", async () => {
    expect((await post({ file: "", filename: "", fields: { key: "e${filename}" }, conditions: [["starts-with", "$key", "e"]] })).status).toBe(204);
    expect((await stored("e")).body).toHaveLength(0);
  }); // prettier-ignore

  test("that is cut off leaves the object as it was", async () => {
    const body = bodyOf({ file: large });
    for (const length of [500, 2000, body.length - 1000, body.length - 4]) {
      const answer = await post({}, body.subarray(0, length));
      expect(answer.status).toBe(400);
      expect((await stored()).body.toString()).toBe("as it was");
    }
  });

  test("that anyone sends is refused, at a bucket that anyone may read too", async () => {
    control.bindings.set("here", { requestsPerSecond: 1000 });
    const signer = Object.keys(fieldsFor({})).filter((name) => name !== "key");
    const spoil = Object.fromEntries(signer.map((name) => [name, undefined]));
    const answer = await post({ spoil });
    expect(refusalOf(answer)).toMatchObject({ status: 403, Code: "AccessDenied" });
    const reason = "operation_not_allowed";
    expect(records.at(-1)).toMatchObject({ operation: "PostObject", reason });
  });

  test("of no multipart type is none", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect(refusalOf(await post({ headers }))).toMatchObject({ Code: "RequestIsNotMultiPartContent" });
  }); // prettier-ignore

  test("that a browser would make is stored", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fieldsFor({}))) form.set(name, value ?? "");
    form.set("file", new Blob([large]), 'a"b.jpg');
    const endpoint = subjects.get("documented")?.gateway.endpoint;
    const answer = await fetch(`${endpoint}/here`, { method: "POST", body: form });
    expect(answer.status).toBe(204);
    expect((await stored()).body.equals(large)).toBe(true);
  });
});

test("a form that is spoiled anywhere is stored or refused, and refused it changes nothing", async () => {
  const whole = bodyOf({ conditions: range(0, 100) });
  const spoil = fc.oneof(
    fc.record({ at: fc.nat(whole.length - 1), cut: fc.constant(0), put: fc.constantFrom("\0", "\r", "\n", '"', "-", "\xff", "A") }),
    fc.record({ at: fc.nat(whole.length - 1), cut: fc.integer({ min: 1, max: 60 }), put: fc.constantFrom("", "\r\n", `\r\n--${boundary}\r\n`) }),
  );
  const property = fc.asyncProperty(spoil, async ({ at, cut, put }) => {
    const piece = Buffer.from(put, "latin1");
    const body = Buffer.concat([whole.subarray(0, at), piece, whole.subarray(at + Math.max(cut, 1))]);
    const { status } = await post({}, body);
    expect(status === 204 || (status >= 400 && status < 500)).toBe(true);
    if (status !== 204) expect((await stored()).body.toString()).toBe("as it was");
    else await subjects.get("documented")?.send({ method: "PUT", target: "/here/k", body: "as it was" });
  });
  await fc.assert(property, { numRuns: 300 });
}); // prettier-ignore

describe("a form for a bucket that an upstream keeps", () => {
  test.each([
    ["a small one", Buffer.from("small")],
    ["an empty one", Buffer.alloc(0)],
    ["a large one", large],
  ])("becomes a PUT of its file, %s, whose length is told", async (_what, file) => {
    const fields = { key: "ü/k", "Content-Type": "image/png", "x-amz-meta-a": "b", success_action_status: "201" }; // prettier-ignore
    const answer = await post({ bucket: "there", fields, file });
    expect(answer.status).toBe(201);
    expect(fieldsOf(documentOf(answer))).toMatchObject({ ETag: '"up"', Key: "ü/k" });
    expect(puts).toHaveLength(1);
    const [{ request, body } = puts[0]!] = puts;
    expect(body.equals(file)).toBe(true);
    expect(request).toMatchObject({
      operation: "PutObject",
      method: "PUT",
      target: "/there/%C3%BC/k",
      key: "ü/k",
      payload: { kind: "unsigned" },
      headers: { "content-type": "image/png", "x-amz-meta-a": "b", "content-length": String(file.length) },
    }); // prettier-ignore
    expect(records.at(-1)).toMatchObject({ operation: "PostObject", key: "ü/k" });
  });

  test.each<[string, Form, string]>([
    ["whose file is too small", { conditions: range(9, 100) }, "EntityTooSmall"],
    ["whose large file is too small", { file: large, conditions: range(200_001, 1e9) }, "EntityTooSmall"],
    ["whose large file is too large", { file: large, conditions: range(0, 199_999) }, "EntityTooLarge"],
    ["with more than the file could tell", { file: large, end: `\r\n--${boundary}\r\nContent-Disposition: form-data; name="submit"\r\n\r\nx\r\n--${boundary}--\r\n` }, "MalformedPOSTRequest"],
    ["without its last line end", { file: large, end: `\r\n--${boundary}--` }, "MalformedPOSTRequest"],
    ["that is cut off", { file: large, end: "" }, "MalformedPOSTRequest"],
    ["without a length", { file: large, isChunked: true }, "MissingContentLength"],
    ["with a copy in disguise", { fields: { "x-amz-copy-source": "/secret/k" } }, "NotImplemented"],
  ])("%s never reaches its end there", async (_what, form, code) => {
    const answer = await post({ bucket: "there", ...form });
    expect(refusalOf(answer)).toMatchObject({ Code: code });
    expect(puts).toEqual([]);
  }); // prettier-ignore

  test("may have a button behind its file, as long as that is small", async () => {
    const end = `\r\n--${boundary}\r\nContent-Disposition: form-data; name="submit"\r\n\r\nx\r\n--${boundary}--`;
    expect((await post({ bucket: "there", end })).status).toBe(204);
    expect(puts.map(({ body }) => body.toString())).toEqual(["the file"]);
  });
});

test("a credential may store a form only where it may write, key by key", async () => {
  const writer = testCredential("writer", { grants: [grant("here", "in/", "write")] });
  control.add(writer);
  const reader = testCredential("reader", { grants: [grant("here", "in/", "read", "list")] });
  control.add(reader);
  expect((await post({ as: writer, fields: { key: "in/k" } })).status).toBe(204);
  for (const form of [
    { as: writer, fields: { key: "k" } },
    { as: writer, fields: { key: "${filename}" }, conditions: [["starts-with", "$key", ""]], filename: "in" },
    { as: reader, fields: { key: "in/k" } },
  ]) {
    expect(refusalOf(await post(form))).toMatchObject({ status: 403, Code: "AccessDenied" });
  }
  expect((await stored()).body.toString()).toBe("as it was");
}); // prettier-ignore

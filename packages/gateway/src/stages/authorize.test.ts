import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { childText, childrenNamed, uriEncode } from "@holdfast/protocol";
import type { Grant } from "../access/credential.ts";
import { MemoryControl, grant, testCredential } from "../access/memory-control.test.support.ts";
import { Records } from "../records.test.support.ts";
import { documentOf, fieldsOf, refusalOf, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

const root = testCredential("root", { grants: "all" });
const control = new MemoryControl(root);
const records = new Records();
let subject: Subject;
beforeAll(async () => {
  subject = await startSubject("documented", { control, log: records.log });
  for (const bucket of ["mine", "other"]) {
    await subject.send({ method: "PUT", target: `/${bucket}`, as: root });
    for (const key of ["in/a", "in/b", "out/a", "secret"]) {
      await subject.send({ method: "PUT", target: `/${bucket}/${key}`, body: `${bucket} ${key}`, as: root }); // prettier-ignore
    }
  }
});
afterAll(() => subject.close());
/** Asks as somebody who has these grants and no others. */
function sendWith(grants: readonly Grant[], ask: Ask): Promise<Answer> {
  const as = testCredential("somebody", { grants });
  control.add(as);
  return subject.send({ ...ask, as });
}

/** `allowed`, or the status and the code; a HEAD has the status alone. */
async function outcome(
  grants: readonly Grant[],
  line: string,
  more: Partial<Ask> = {},
): Promise<string> {
  const [method = "", target = ""] = line.split(" ");
  const answer = await sendWith(grants, { method, target, ...more });
  if (answer.status < 300) return "allowed";
  if (method === "HEAD") return String(answer.status);
  return `${answer.status} ${refusalOf(answer)["Code"]}`;
}

const denied = "403 AccessDenied";

describe("a refusal", () => {
  test("names the bucket, says so in its message, and counts as a violation of the scope", async () => {
    const answer = await sendWith([], { method: "GET", target: "/mine/in/a" });
    expect(refusalOf(answer)).toMatchObject({
      status: 403,
      Code: "AccessDenied",
      Message: "The credential is not authorised for this bucket.",
      BucketName: "mine",
      Key: "in/a",
      Resource: "/mine/in/a",
    });
    const { reason, accessKeyId } = await records.of(answer);
    expect([reason, accessKeyId]).toEqual(["scope_violation", "somebody"]);
  });

  test("is the same for a bucket that is another's and for one that nobody has", async () => {
    const grants = [grant("mine", "", "read", "write", "list", "delete", "manage")];
    const asks: readonly Ask[] = [
      { method: "GET", target: "/BUCKET" },
      { method: "GET", target: "/BUCKET?location" },
      { method: "GET", target: "/BUCKET?versioning" },
      { method: "GET", target: "/BUCKET?uploads" },
      { method: "HEAD", target: "/BUCKET" },
      { method: "PUT", target: "/BUCKET" },
      { method: "DELETE", target: "/BUCKET" },
      { method: "GET", target: "/BUCKET/in/a" },
      { method: "HEAD", target: "/BUCKET/in/a" },
      { method: "PUT", target: "/BUCKET/in/a", body: "x" },
      { method: "DELETE", target: "/BUCKET/in/a" },
      { method: "POST", target: "/BUCKET/in/a?uploads" },
      { method: "POST", target: "/BUCKET?delete", body: "<Delete/>" },
      { method: "PUT", target: "/mine/copy", headers: { "x-amz-copy-source": "/BUCKET/in/a" } },
    ];
    for (const ask of asks) {
      const shown: unknown[] = [];
      const statuses: number[] = [];
      for (const bucket of ["other", "none-such"]) {
        const headers = JSON.parse(JSON.stringify(ask.headers ?? {}).replace("BUCKET", bucket));
        const target = ask.target.replace("BUCKET", bucket);
        const answer = await sendWith(grants, { ...ask, target, headers });
        const own = [answer.headers["x-amz-request-id"], "Date", bucket];
        const names = Object.keys(answer.headers).toSorted();
        statuses.push(answer.status);
        const text = answer.body.toString();
        shown.push([names, own.reduce((all: string, one) => all.replaceAll(String(one), ""), text)]); // prettier-ignore
      }
      expect([ask, shown[0]]).toEqual([ask, shown[1]]);
      expect([ask, statuses]).toEqual([ask, [403, 403]]);
    }
  });

  test("of a missing bucket that is granted is that it is missing", async () => {
    const grants = [grant("none-such", "", "read", "list", "write")];
    expect(await outcome(grants, "GET /none-such")).toBe("404 NoSuchBucket");
    expect(await outcome(grants, "GET /none-such/k")).toBe("404 NoSuchBucket");
    expect(await outcome(grants, "PUT /none-such/k", { body: "x" })).toBe("404 NoSuchBucket");
    expect(await outcome([grant("*", "", "list")], "GET /none-such")).toBe("404 NoSuchBucket");
  });
});

describe("objects", () => {
  test.each(["read", "write", "list", "delete", "manage"] as const)("%s alone", async (verb) => {
    const grants = [grant("mine", "in/", verb)];
    const may = (wanted: string): string => (verb === wanted ? "allowed" : denied);
    expect(await outcome(grants, "GET /mine/in/a")).toBe(may("read"));
    expect(await outcome(grants, "HEAD /mine/in/a")).toBe(verb === "read" ? "allowed" : "403");
    expect(await outcome(grants, "GET /mine/in/a?tagging")).toBe(may("read"));
    // Whoever may write may overwrite: a key that is taken is not told apart from one that is free.
    expect(await outcome(grants, "PUT /mine/in/a", { body: "mine in/a" })).toBe(may("write"));
    expect(await outcome(grants, "DELETE /mine/in/none")).toBe(may("delete"));
    expect(await outcome(grants, "GET /mine?prefix=in/")).toBe(may("list"));
    for (const [method, target] of [
      ["GET", "/mine/secret"],
      ["DELETE", "/mine/secret"],
      ["GET", "/mine"],
    ] as const) {
      expect(await outcome(grants, `${method} ${target}`)).toBe(denied);
    }
    expect(await outcome(grants, "PUT /mine/inn", { body: "" })).toBe(denied);
  });

  test("a missing key is told to whoever may read it, also without the listing", async () => {
    const grants = [grant("mine", "in/", "read")];
    expect(await outcome(grants, "GET /mine/in/none")).toBe("404 NoSuchKey");
    expect(await outcome(grants, "HEAD /mine/in/none")).toBe("404");
    expect(await outcome(grants, "HEAD /mine/out/none")).toBe("403");
  });

  test("a key with dots is a key, and leads out of nothing", async () => {
    const grants = [grant("mine", "in/", "read", "write")];
    for (const target of [
      "/mine/../other/secret",
      "/mine/in/../secret",
      "/mine/%2e%2e/other/secret",
      "/mine/in/%2e%2e/secret",
      "/mine/in/%2E%2E%2Fsecret",
      "/mine//in/a",
      "/mine/./in/a",
    ]) {
      const expected = target.startsWith("/mine/in/") ? "404 NoSuchKey" : denied;
      expect([target, await outcome(grants, `GET ${target}`)]).toEqual([target, expected]);
    }
  });

  test("an upload in parts is one write, from its creation to its end", async () => {
    const writer = [grant("mine", "in/", "write")];
    const created = await sendWith(writer, { method: "POST", target: "/mine/in/parts?uploads" });
    const id = childText(documentOf(created), "UploadId") ?? "";
    const part = `/mine/in/parts?partNumber=1&uploadId=${id}`;
    const whole = `/mine/in/parts?uploadId=${id}`;
    const document = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>"; // prettier-ignore
    for (const grants of [
      [grant("mine", "in/", "read", "list", "delete", "manage")],
      [grant("mine", "out/", "write")],
    ]) {
      expect(await outcome(grants, "POST /mine/in/parts?uploads")).toBe(denied);
      expect(await outcome(grants, `PUT ${part}`, { body: "x" })).toBe(denied);
      expect(await outcome(grants, `GET ${whole}`)).toBe(denied);
      expect(await outcome(grants, `POST ${whole}`, { body: document })).toBe(denied);
      expect(await outcome(grants, `DELETE ${whole}`)).toBe(denied);
    }
    expect(await outcome(writer, `PUT ${part}`, { body: "x" })).toBe("allowed");
    expect(await outcome(writer, `GET ${whole}`)).toBe("allowed");
    expect(await outcome(writer, `POST ${whole}`, { body: document })).toBe("400 InvalidPart");
    expect(await outcome(writer, `DELETE ${whole}`)).toBe("allowed");
  });
});

describe.each(["a header", "the query"])("the source of a copy, named in %s,", (place) => {
  const writer = grant("mine", "in/", "write");
  const name = "x-amz-copy-source";
  const copy = (to: string, source: string): Ask => {
    if (place === "a header") return { method: "PUT", target: to, headers: { [name]: source } };
    const target = `${to}${to.includes("?") ? "&" : "?"}${name}=${uriEncode(source)}`;
    return { method: "PUT", target, expiresSeconds: 60 };
  };
  const copied = (grants: readonly Grant[], to: string, source: string): Promise<string> =>
    outcome(grants, "", copy(to, source));
  const sources = (bucket: string, key: string): string[] => [
    `/${bucket}/${key}`,
    `${bucket}/${key}`,
    `/${bucket}/${key.replaceAll("/", "%2F")}`,
    `%2F${bucket}%2F${key}`,
    `/${bucket}/${key.replace(/[a-z]/, (one) => `%${one.charCodeAt(0).toString(16)}`)}`,
    `/${bucket}/${key}?versionId=null`,
  ];

  test("of another tenant is not read by a CopyObject, however it is spelled", async () => {
    for (const source of sources("other", "secret")) {
      expect([source, await copied([writer], "/mine/in/stolen", source)]).toEqual([source, denied]);
    }
    expect(await outcome([grant("*", "", "read")], "GET /mine/in/stolen")).toBe("404 NoSuchKey");
  });

  test("is read by whoever may read it, however it is spelled", async () => {
    const grants = [writer, grant("other", "in/", "read")];
    for (const source of sources("other", "in/a")) {
      expect([source, await copied(grants, "/mine/in/copy", source)]).toEqual([source, "allowed"]);
    }
    for (const source of [
      ...sources("other", "secret"),
      "/other/in%252Fa",
      "/other/in/../secret",
    ]) {
      const expected = source === "/other/in/../secret" ? "404 NoSuchKey" : denied;
      expect([source, await copied(grants, "/mine/in/copy", source)]).toEqual([source, expected]);
    }
  });

  test("takes the verb read: to list it, to write it or to manage its bucket is not enough", async () => {
    const grants = [writer, grant("other", "", "list", "write", "delete", "manage")];
    expect(await copied(grants, "/mine/in/copy", "/other/in/a")).toBe(denied);
    expect(await copied([grant("*", "", "read")], "/mine/in/copy", "/other/in/a")).toBe(denied);
  });

  test("is not read by an UploadPartCopy either", async () => {
    const created = await sendWith([writer], { method: "POST", target: "/mine/in/parts?uploads" });
    const id = childText(documentOf(created), "UploadId") ?? "";
    const part = `/mine/in/parts?partNumber=1&uploadId=${id}`;
    for (const source of sources("other", "secret")) {
      expect([source, await copied([writer], part, source)]).toEqual([source, denied]);
    }
    const grants = [writer, grant("other", "in/", "read")];
    expect(await copied(grants, part, "/other/in/a")).toBe("allowed");
    await sendWith([writer], { method: "DELETE", target: `/mine/in/parts?uploadId=${id}` });
  });

  test("is named in the refusal when it is the source that is not granted", async () => {
    const answer = await sendWith([writer], copy("/mine/in/copy", "/other/secret"));
    expect(refusalOf(answer)).toMatchObject({ Code: "AccessDenied", BucketName: "other" });
  });

  test("that another server keeps is not looked for on this one", async () => {
    control.attach("other", { bucket: "other", upstream: "ceph", remoteBucket: "x", createdAt: 0 });
    const grants = [writer, grant("other", "in/", "read")];
    expect(await copied(grants, "/mine/in/copy", "/other/in/a")).toBe("501 NotImplemented");
    expect(await copied([writer], "/mine/in/copy", "/other/in/a")).toBe(denied);
    control.attach("other", undefined);
  });
});

describe("listings", () => {
  const lister = [grant("mine", "in/", "list")];
  const slash = "delimiter=%2F";

  test.each(["", "list-type=2&", "uploads&"])(
    "GET ?%s lies within the granted prefix",
    async (kind) => {
      const at = (rest: string): string => `/mine?${kind}${rest}`;
      for (const rest of ["prefix=in/", "prefix=in/a", `prefix=in/&${slash}`, "prefix=in%2F"]) {
        expect([rest, await outcome(lister, `GET ${at(rest)}`)]).toEqual([rest, "allowed"]);
      }
      for (const rest of [
        "",
        "prefix=",
        "prefix=i",
        "prefix=in",
        "prefix=out/",
        slash,
        "prefix=In/",
      ]) {
        expect([rest, await outcome(lister, `GET ${at(rest)}`)]).toEqual([rest, denied]);
      }
    },
  );

  test("no marker shows what lies outside of the prefix", async () => {
    for (const rest of [
      "marker=",
      "marker=a",
      "marker=out/",
      "list-type=2&start-after=a",
      `marker=a&${slash}`,
    ]) {
      const answer = await sendWith(lister, { method: "GET", target: `/mine?prefix=in/&${rest}` });
      const keys = childrenNamed(documentOf(answer), "Contents").map((one) =>
        childText(one, "Key"),
      );
      const outside = keys.filter((key) => key?.startsWith("in/") !== true);
      expect([rest, outside]).toEqual([rest, []]);
    }
  });
});

describe("a bucket", () => {
  test("is there, and where, for whoever has any grant on it", async () => {
    for (const one of [
      grant("mine", "in/", "write"),
      grant("mine", "", "list"),
      grant("*", "x", "read"),
    ]) {
      expect(await outcome([one], "HEAD /mine")).toBe("allowed");
      expect(await outcome([one], "GET /mine?location")).toBe("allowed");
    }
    expect(await outcome([grant("other", "", "list")], "HEAD /mine")).toBe("403");
  });

  test("is made and taken away by whoever manages it, and by nobody else", async () => {
    const others = grant("made", "", "read", "write", "list", "delete");
    const ofPrefix = grant("made", "in/", "manage");
    const manager = [grant("made", "", "manage")];
    expect(await outcome([others, ofPrefix], "PUT /made")).toBe(denied);
    expect(await outcome(manager, "PUT /made")).toBe("allowed");
    expect(await outcome([others, ofPrefix], "DELETE /made")).toBe(denied);
    expect(await outcome(manager, "GET /made")).toBe(denied);
    expect(await outcome(manager, "DELETE /made")).toBe("allowed");
    expect(await outcome([grant("*", "", "manage")], "PUT /made")).toBe("allowed");
    expect(await outcome([grant("*", "", "manage")], "DELETE /made")).toBe("allowed");
  });

  test("is not administrated by a key of its objects", async () => {
    const grants = [grant("mine", "", "read", "write", "list", "delete")];
    for (const name of [
      "policy",
      "acl",
      "lifecycle",
      "versioning",
      "replication",
      "publicAccessBlock",
      "ownershipControls",
      "website",
    ]) {
      for (const method of ["PUT", "DELETE"]) {
        const found = await outcome(grants, `${method} /mine?${name}`, { body: "<x/>" });
        expect(found, `${method} ?${name}`).toMatch(/^(?:501 NotImplemented|403 AccessDenied)$/);
      }
    }
    expect(await outcome(grants, "DELETE /mine")).toBe(denied);
  });
});

describe("a deletion of many", () => {
  const body = (...keys: readonly string[]): Partial<Ask> => {
    const text = `<Delete>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("")}</Delete>`;
    return {
      body: text,
      headers: { "content-md5": createHash("md5").update(text).digest("base64") },
    };
  };

  test("takes the granted keys, and says of each other one that it is denied", async () => {
    for (const key of ["in/x", "in/y"]) await subject.send({ method: "PUT", target: `/mine/${key}`, body: "", as: root }); // prettier-ignore
    const grants = [grant("mine", "in/", "delete"), grant("mine", "", "read", "write", "list")];
    const answer = await sendWith(grants, { method: "POST", target: "/mine?delete", ...body("in/x", "secret", "in/y", "in", "out/a") }); // prettier-ignore
    expect(answer.status).toBe(200);
    const document = documentOf(answer);
    expect(childrenNamed(document, "Deleted").map((one) => fieldsOf(one))).toEqual([{ Key: "in/x" }, { Key: "in/y" }]); // prettier-ignore
    const errors = childrenNamed(document, "Error").map((one) => fieldsOf(one));
    expect(errors.map(({ Key, Code }) => `${Key} ${Code}`)).toEqual(["secret AccessDenied", "in AccessDenied", "out/a AccessDenied"]); // prettier-ignore
    // The answer is a success; what was denied is on record all the same.
    expect(await records.of(answer)).toMatchObject({
      status: 200,
      code: "AccessDenied",
      reason: "scope_violation",
    });
    expect(await outcome(grants, "HEAD /mine/secret")).toBe("allowed");
    expect(await outcome(grants, "HEAD /mine/in/x")).toBe("404");
  });

  test("is refused whole, and unread, without a grant to delete in the bucket", async () => {
    const grants = [
      grant("mine", "", "read", "write", "list", "manage"),
      grant("other", "", "delete"),
    ];
    expect(await outcome(grants, "POST /mine?delete", body("in/a"))).toBe(denied);
    expect(await outcome(grants, "POST /mine?delete", { body: "no document" })).toBe(denied);
  });
});

test("buckets are listed by GET of the root alone", async () => {
  const grants = [grant("mine", "", "read", "write", "list", "delete", "manage")];
  expect(await outcome(grants, "GET /")).toBe("allowed");
  for (const [method, target] of [
    ["PUT", "/"],
    ["DELETE", "/"],
    ["POST", "/"],
    ["PUT", "//mine/in/a"],
    ["DELETE", "//mine"],
    ["GET", "//"],
  ] as const) {
    const found = await outcome(
      grants,
      `${method} ${target}`,
      method === "PUT" ? { body: "x" } : {},
    );
    expect(found, `${method} ${target}`).toMatch(/^4\d\d Invalid\w+$/);
  }
});

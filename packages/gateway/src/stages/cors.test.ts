import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { text as readText } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CorsRule } from "@holdfast/protocol";
import { MemoryControl } from "../access/memory-control.test.support.ts";
import { credentials, documentOf, refusalOf, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

const vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
const control = new MemoryControl({ ...credentials, grants: "all", disabled: false });
const forwarded: string[] = [];
const upstreams = {
  async forward({ operation }: { readonly operation: string }) {
    forwarded.push(operation);
    const headers = { "access-control-allow-origin": "*", "Access-Control-Max-Age": "9", vary: "Accept" };
    return { status: 200, headers, body: "from upstream" };
  }, // prettier-ignore
};

const rule: CorsRule = {
  allowedOrigins: ["https://*.example.com", "*"],
  allowedMethods: ["GET", "PUT"],
  allowedHeaders: ["content-type", "x-amz-*"],
  exposeHeaders: ["ETag"],
  maxAgeSeconds: 60,
};
const origin = "https://app.example.com";

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject("documented", { control, upstreams });
  await subject.send({ method: "PUT", target: "/photos" });
  await subject.send({ method: "PUT", target: "/photos/cat.jpg", body: "meow" });
  const at = { upstream: "ceph", remoteBucket: "acme-videos", createdAt: 0 };
  control.attach("videos", { bucket: "videos", ...at });
});
beforeEach(() => {
  control.rules.clear();
  control.rules.set("photos", [rule]);
  control.rules.set("videos", [rule]);
});
afterAll(() => subject.close());

/** As a browser asks: without any credentials. */
async function ask(target: string, headers: Record<string, string>): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const url = `${subject.gateway.endpoint}${target}`;
    const request = httpRequest(url, { method: "OPTIONS", headers }, (response) => {
      const { statusCode: status = 0, headers: answered, rawHeaders } = response;
      readText(response).then(
        (text) => resolve({ status, headers: answered, rawHeaders, body: Buffer.from(text) }),
        reject,
      );
    });
    request.on("error", reject).end();
  });
}

function allowedOrigins({ rawHeaders }: Answer): readonly string[] {
  return rawHeaders.filter(
    (_, index) => rawHeaders[index - 1]?.toLowerCase() === "access-control-allow-origin",
  );
}

const preflight = { origin, "access-control-request-method": "PUT" };

describe("a preflight", () => {
  test.each(["/photos/cat.jpg", "/photos", "/videos/cat.mp4"])(
    "of %s is answered without credentials, with what the rule allows",
    async (target) => {
      const asked = { ...preflight, "access-control-request-headers": "Content-Type, X-Amz-Date" };
      const answer = await ask(target, asked);
      expect(answer).toMatchObject({
        status: 200,
        headers: {
          "access-control-allow-origin": origin,
          "access-control-allow-credentials": "true",
          "access-control-allow-methods": "GET, PUT",
          "access-control-allow-headers": "content-type, x-amz-date",
          "access-control-expose-headers": "ETag",
          "access-control-max-age": "60",
          "content-length": "0",
          vary,
        },
      });
      expect(allowedOrigins(answer)).toEqual([origin]);
    },
  );

  test("for any origin is answered without credentials being allowed", async () => {
    const { headers } = await ask("/photos/k", { ...preflight, origin: "https://elsewhere" });
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
  });

  test.each([
    ["a method", { ...preflight, "access-control-request-method": "DELETE" }],
    ["no method of S3", { ...preflight, "access-control-request-method": "PATCH" }],
    ["a header", { ...preflight, "access-control-request-headers": "x-amz-date, x-evil" }],
  ])("for %s that no rule has is refused, and says for what", async (_what, headers) => {
    const answer = await ask("/photos/k", headers);
    expect(refusalOf(answer)).toMatchObject({
      status: 403,
      Code: "AccessForbidden",
      Message: expect.stringMatching(/^CORSResponse: This CORS request is not allowed/),
      Method: headers["access-control-request-method"],
      ResourceType: "OBJECT",
      BucketName: "photos",
    });
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(answer.headers.vary).toBe(vary);
  });

  test("of a bucket without rules, or of none, is refused the same", async () => {
    for (const bucket of ["plain", "no-such-bucket"]) {
      expect(refusalOf(await ask(`/${bucket}`, preflight))).toMatchObject({
        status: 403,
        Code: "AccessForbidden",
        Message: "CORSResponse: CORS is not enabled for this bucket.",
        ResourceType: "BUCKET",
      });
    }
  });

  test("is nothing without an origin or a method: the request has no meaning", async () => {
    for (const headers of [{ origin }, { "access-control-request-method": "PUT" }]) {
      expect(refusalOf(await ask("/photos/k", headers))).toMatchObject({ status: 400 });
    }
  });
});

describe("an answer to a page", () => {
  const get = (target: string, headers: Record<string, string> = { origin }): Promise<Answer> =>
    subject.send({ method: "GET", target, headers });

  test("allows its origin once, also where the upstream allows all", async () => {
    for (const target of ["/photos/cat.jpg", "/videos/cat.mp4"]) {
      const answer = await get(target);
      expect(answer.status).toBe(200);
      expect(allowedOrigins(answer)).toEqual([origin]);
      expect(answer.headers["access-control-max-age"]).toBe("60");
    }
    expect((await get("/videos/cat.mp4")).headers.vary).toBe(`Accept, ${vary}`);
  });

  test("allows its origin also when it is a refusal, whichever stage refuses", async () => {
    const refused: readonly Ask[] = [
      { method: "GET", target: "/photos/none", headers: { origin } },
      { method: "GET", target: "/photos/cat.jpg", headers: { origin }, unsigned: { authorization: "x" } }, // prettier-ignore
      { method: "GET", target: "/photos/cat.jpg?unknown=1", headers: { origin } },
      { method: "GET", target: `/photos/${"k".repeat(1025)}`, headers: { origin } },
    ];
    for (const one of refused) {
      const answer = await subject.send(one);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(allowedOrigins(answer)).toEqual([origin]);
    }
  });

  test("says nothing to an origin or a method that no rule has", async () => {
    control.rules.set("photos", [{ ...rule, allowedOrigins: ["https://only.example"] }]);
    const other = await get("/photos/cat.jpg");
    expect(allowedOrigins(other)).toEqual([]);
    expect(other.headers.vary).toBe(vary);
    control.rules.set("photos", [{ ...rule, allowedMethods: ["PUT"] }]);
    expect(allowedOrigins(await get("/photos/cat.jpg"))).toEqual([]);
  });

  test("without an origin varies all the same, so that no cache keeps it for every origin", async () => {
    expect((await get("/photos/cat.jpg", {})).headers.vary).toBe(vary);
  });

  test("says nothing of CORS where the bucket has no rules, whatever an upstream says", async () => {
    control.rules.clear();
    for (const target of ["/photos/cat.jpg", "/videos/cat.mp4"]) {
      const names = Object.keys((await get(target)).headers);
      expect(names.filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});

describe("the rules of a bucket", () => {
  const document =
    "<CORSConfiguration><CORSRule><ID>r</ID><AllowedOrigin>*</AllowedOrigin>" +
    "<AllowedMethod>GET</AllowedMethod><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule></CORSConfiguration>";
  const md5 = (text: string): string => createHash("md5").update(text).digest("base64");
  const put = (bucket: string, body = document): Promise<Answer> => {
    const headers = { "content-md5": md5(body) };
    return subject.send({ method: "PUT", target: `/${bucket}?cors`, body, headers });
  };

  test.each(["photos", "videos"])("of %s are kept here, told and removed", async (bucket) => {
    forwarded.length = 0;
    expect((await put(bucket)).status).toBe(200);
    const told = await subject.send({ method: "GET", target: `/${bucket}?cors` });
    expect(documentOf(told)).toMatchObject({
      name: "CORSConfiguration",
      children: [{ name: "CORSRule" }],
    });
    expect((await ask(`/${bucket}`, { ...preflight, "access-control-request-method": "GET" })).status).toBe(200); // prettier-ignore
    for (const _ of [1, 2]) {
      const removed = await subject.send({ method: "DELETE", target: `/${bucket}?cors` });
      expect(removed.status).toBe(204);
    }
    const none = await subject.send({ method: "GET", target: `/${bucket}?cors` });
    expect(refusalOf(none)).toMatchObject({ status: 404, Code: "NoSuchCORSConfiguration" });
    expect(forwarded).toEqual([]);
  });

  test("need a digest of their document, and one that is right", async () => {
    const bare = { method: "PUT", target: "/photos?cors", body: document };
    expect(refusalOf(await subject.send(bare))).toMatchObject({ Code: "InvalidRequest" });
    const wrong = { ...bare, headers: { "content-md5": md5("x") } };
    expect(refusalOf(await subject.send(wrong))).toMatchObject({ Code: "BadDigest" });
    expect(control.rules.get("photos")).toEqual([rule]);
  });

  test("are at most 64 KiB, and a refused document changes nothing", async () => {
    const large = document + " ".repeat(64 * 1024 + 1 - document.length);
    expect(refusalOf(await put("photos", large))).toMatchObject({ Code: "MaxMessageLengthExceeded" });
    expect((await put("photos", large.slice(0, -1))).status).toBe(200);
    control.rules.set("photos", [rule]);
    expect(refusalOf(await put("photos", "<CORSConfiguration/>"))).toMatchObject({ Code: "MalformedXML" });
    expect(control.rules.get("photos")).toEqual([rule]);
  }); // prettier-ignore

  test("of a bucket that does not exist are neither taken nor told", async () => {
    for (const answer of [
      await put("no-such-bucket"),
      await subject.send({ method: "GET", target: "/no-such-bucket?cors" }),
    ]) {
      expect(refusalOf(answer)).toMatchObject({ status: 404, Code: "NoSuchBucket" });
    }
  });

  test("end with their bucket, so that the next of its name has none", async () => {
    await subject.send({ method: "PUT", target: "/short-lived" });
    expect((await put("short-lived")).status).toBe(200);
    await subject.send({ method: "DELETE", target: "/short-lived" });
    expect(control.rules.has("short-lived")).toBe(false);
    await subject.send({ method: "DELETE", target: "/videos" });
    expect(control.rules.has("videos")).toBe(false);
    // As if the process had ended between the two steps of the deletion.
    control.rules.set("short-lived", [rule]);
    await subject.send({ method: "PUT", target: "/short-lived" });
    expect(control.rules.has("short-lived")).toBe(false);
  });
});

test("a gateway that cannot remember rules does not take them", async () => {
  const forgetful = await startSubject();
  await forgetful.send({ method: "PUT", target: "/photos" });
  const headers = { "content-md5": createHash("md5").update("x").digest("base64") };
  const body = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
  headers["content-md5"] = createHash("md5").update(body).digest("base64");
  const answer = await forgetful.send({ method: "PUT", target: "/photos?cors", body, headers });
  expect(refusalOf(answer)).toMatchObject({ status: 501, Code: "NotImplemented" });
  await forgetful.close();
}); // prettier-ignore

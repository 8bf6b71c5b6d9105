import { describe, expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { dangerousHeaders } from "./attacks-on-requests.test.data.ts";
import { readAuthorization } from "./authorization.ts";
import { payloadModes } from "./payload-declaration.ts";
import { presign } from "./presign.ts";
import { signRequest } from "./sign.ts";
import { SigningKeys } from "./signing-keys.ts";
import { verify, type Verified } from "./verify.ts";
import {
  forge,
  headerOf,
  honestRequests,
  withAuthorization,
  withExtraHeader,
  withHeader,
  type Signer,
  type WireRequest,
} from "./wire-request.test.data.ts";

const now = Date.UTC(2026, 10, 21, 12);
const minuteMs = 60_000;
const signer: Signer = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "the secret that no error shows",
  region: "us-east-1",
  now,
  host: "localhost:9000",
  bucketPath: "/bucket",
};
const keys = new SigningKeys();

interface Circumstances {
  readonly at?: number;
  readonly secret?: string | undefined;
}

function take(request: WireRequest, circumstances: Circumstances = {}): Verified | undefined {
  const presented = readAuthorization(request, { region: signer.region });
  const options = { secret: signer.secretAccessKey, ...circumstances };
  return presented && verify(presented, { ...options, now: circumstances.at ?? now, keys });
}

function refusal(request: WireRequest, circumstances: Circumstances = {}): S3Error {
  try {
    take(request, circumstances);
  } catch (error) {
    if (S3Error.is(error)) return error;
    throw error;
  }
  throw new Error("accepted");
}

const { get, list, put, presignedGet } = honestRequests;
const scrambled = (request: WireRequest): WireRequest =>
  withAuthorization(request, (text) => text.replace(/[^=]*$/, "ab".repeat(32)));

describe("the order of checks is S3's", () => {
  test("no credentials at all are nobody's", () => {
    expect(take({ ...get(signer), rawHeaders: ["Host", "a"] })).toBeUndefined();
  });

  test("the format comes before the key", () => {
    const request = withAuthorization(get(signer), (text) => text.replace("/s3/", "/ec2/"));
    expect(refusal(request, { secret: undefined }).code).toBe("AuthorizationHeaderMalformed");
  });

  test("the key comes before the time", () => {
    const error = refusal(get(signer), { secret: undefined, at: now + 60 * minuteMs });
    expect(error.code).toBe("InvalidAccessKeyId");
    expect(error.details).toEqual({ AWSAccessKeyId: "AKIDEXAMPLE" });
  });

  test("the time comes before unsigned headers, and those before the signature", () => {
    const request = withExtraHeader(scrambled(get(signer)), "x-amz-acl", "private");
    expect(refusal(request, { at: now + 60 * minuteMs }).code).toBe("RequestTimeTooSkewed");
    expect(refusal(request).details).toEqual({ HeadersNotSigned: "x-amz-acl" });
  });
});

describe("time (17f259c)", () => {
  test.each([-15 * minuteMs, 0, 15 * minuteMs])("a request of %i ms ago is taken", (age) => {
    expect(take(get(signer), { at: now + age })?.via).toBe("header");
  });

  test.each([-15 * minuteMs - 1, 15 * minuteMs + 1])("a request of %i ms ago is refused", (age) => {
    const error = refusal(get(signer), { at: now + age });
    expect(error.code).toBe("RequestTimeTooSkewed");
    expect(error.details).toEqual({
      RequestTime: "20261121T120000Z",
      ServerTime: new Date(now + age).toISOString(),
      MaxAllowedSkewMilliseconds: "900000",
    });
  });

  test.each([0, 1, 3600, 604_800])(
    "a presigned request holds for the whole of its %i seconds",
    (expiresSeconds) => {
      const request = { method: "GET", target: "/b/k", headers: { host: signer.host } };
      const target = presign(request, {
        credentials: signer,
        region: signer.region,
        now,
        expiresSeconds,
      });
      const wire = { ...presignedGet(signer), target };
      expect(take(wire, { at: now - 15 * minuteMs })?.via).toBe("presigned");
      expect(take(wire, { at: now + expiresSeconds * 1000 })?.via).toBe("presigned");
      const late = refusal(wire, { at: now + expiresSeconds * 1000 + 1 });
      expect([late.code, late.reason]).toEqual(["AccessDenied", "presigned_expired"]);
      expect(Object.keys(late.details)).toEqual(["X-Amz-Expires", "Expires", "ServerTime"]);
      expect(refusal(wire, { at: now - 15 * minuteMs - 1 }).reason).toBe("presigned_not_yet_valid");
    },
  );

  test("a signed Date header stands in for x-amz-date (CVE-2015-8466)", () => {
    const headers = ["date", new Date(now).toUTCString()];
    const request = forge(withHeader(get(signer), "x-amz-date", undefined), signer, { headers });
    expect(take(request)?.via).toBe("header");
    expect(refusal(request, { at: now + 16 * minuteMs }).code).toBe("RequestTimeTooSkewed");
  });

  test("an unsigned Date header says nothing of the time", () => {
    const request = forge(withHeader(get(signer), "x-amz-date", undefined), signer, {
      headers: ["date", new Date(now).toUTCString()],
      signedHeaders: (names) => names.filter((name) => name !== "date"),
    });
    expect(refusal(request).reason).toBe("missing_date");
  });
});

describe("unsigned headers", () => {
  test.each(dangerousHeaders)(
    "%s added to what was signed is refused (CVE-2026-97731, CVE-2026-94368, CVE-2026-115374, 88ac2d043)",
    (name, value) => {
      for (const honest of [
        presignedGet,
        honestRequests.presignedPut,
        get,
        put,
        honestRequests.post,
      ]) {
        const request = honest(signer);
        if (request.rawHeaders.includes(name)) continue;
        const error = refusal(withExtraHeader(request, name.toUpperCase(), value));
        expect([error.code, error.details["HeadersNotSigned"]]).toEqual(["AccessDenied", name]);
      }
    },
  );

  test("others may be added, as any proxy does", () => {
    const request = withExtraHeader(get(signer), "Content-Type", "text/plain");
    expect(take(withExtraHeader(request, "X-Forwarded-For", "192.0.2.1"))?.via).toBe("header");
    const accepting = withExtraHeader(withExtraHeader(request, "accept", "a"), "accept", "b");
    expect(take(accepting)?.via).toBe("header");
  });

  test("host must be signed (57747021)", () => {
    const request = forge(get(signer), signer, {
      signedHeaders: (names) => names.filter((name) => name !== "host"),
    });
    expect(refusal(request).details).toEqual({ HeadersNotSigned: "host" });
  });

  test("a repeated header is refused as soon as it is signed", () => {
    const request = forge(get(signer), signer, { headers: ["accept", "a"] });
    expect(refusal(withExtraHeader(request, "accept", "b")).reason).toBe("repeated_header");
  });
});

describe("the signature", () => {
  test("of an unknown payload mode or a random one is never skipped (CVE-2025-31489, CVE-2026-40344, #7912)", () => {
    const modes = [...Object.values(payloadModes), "ab".repeat(32)];
    for (const payload of modes) {
      const request = forge(get(signer), signer, { headers: ["x-amz-content-sha256", payload] });
      expect(take(request)?.via).toBe("header");
      expect(refusal(scrambled(request)).code).toBe("SignatureDoesNotMatch");
    }
  });

  test("of a known key id with another secret is refused (CVE-2026-79787)", () => {
    expect(refusal(get(signer), { secret: "another" }).code).toBe("SignatureDoesNotMatch");
  });

  test("when refused shows what was computed over, byte for byte", () => {
    const { details } = refusal(scrambled(get(signer)));
    expect(details["SignatureProvided"]).toBe("ab".repeat(32));
    for (const name of ["StringToSign", "CanonicalRequest"]) {
      const bytes = details[`${name}Bytes`]?.replaceAll(" ", "") ?? "";
      expect(Buffer.from(bytes, "hex").toString("latin1")).toBe(details[name]);
    }
    expect(details["CanonicalRequest"]).toMatch(
      /^GET\n\/bucket\/dir\/key\n\nhost:localhost:9000\n/,
    );
  });

  test("when refused shows neither a secret nor the headers that hold one", () => {
    const name = "x-amz-server-side-encryption-customer-key";
    const request = forge(put(signer), signer, { headers: [name, "dGhlIGN1c3RvbWVyIGtleQ=="] });
    expect(take(request)?.via).toBe("header");
    const shown = JSON.stringify(refusal(scrambled(request)));
    expect(shown).not.toContain("dGhlIGN1c3RvbWVyIGtleQ");
    expect(shown).not.toContain(signer.secretAccessKey);
  });

  test("covers the bytes of a header as they came, whatever their encoding", () => {
    const utf8 = Buffer.from("ünïcödé 漢字").toString("latin1");
    const request = forge(put(signer), signer, { headers: ["x-amz-meta-owner", utf8] });
    expect(take(request)?.via).toBe("header");
  });
});

describe("an unknown key id", () => {
  const unknown = { secret: undefined };

  test("is refused whatever it was signed with (GHSA-3p3x)", () => {
    const stranger = { ...signer, secretAccessKey: "no credential has this secret" };
    expect(refusal(get(stranger), unknown).code).toBe("InvalidAccessKeyId");
    expect(refusal(presignedGet(stranger), unknown).code).toBe("InvalidAccessKeyId");
  });

  test("cannot fill the cache of keys with days of its choice", () => {
    const held = new SigningKeys();
    for (let day = 0; day < 50; day += 1) {
      const presented = readAuthorization(get({ ...signer, now: now - day * 86_400_000 }), signer);
      if (presented === undefined) throw new Error("anonymous");
      expect(() => verify(presented, { secret: undefined, now, keys: held })).toThrow(S3Error);
    }
    expect(held.size).toBe(1);
  });
});

describe("folding (fd19e67)", () => {
  test.each([
    ["a  b", "a b"],
    [" a", "a"],
    ["a\t b ", "a b"],
    ['"a   b"', '"a b"'],
    ["", " "],
  ])("%j and %j are one value", (signed, sent) => {
    const request = forge(put(signer), signer, { headers: ["x-amz-meta-owner", signed] });
    expect(take(withHeader(request, "x-amz-meta-owner", sent))?.via).toBe("header");
  });

  test("a space is not nothing", () => {
    const request = forge(put(signer), signer, { headers: ["x-amz-meta-owner", "a b"] });
    expect(refusal(withHeader(request, "x-amz-meta-owner", "ab")).code).toBe(
      "SignatureDoesNotMatch",
    );
  });
});

const sign = (target: string): WireRequest => {
  const { region, host } = signer;
  const headers = signRequest(
    { method: "GET", target, headers: { host } },
    { credentials: signer, region, now, payload: payloadModes.unsigned },
  );
  return {
    method: "GET",
    target,
    rawHeaders: Object.entries(headers).flat(),
    body: Buffer.alloc(0),
  };
};

describe("spellings of one target (928550a)", () => {
  test.each([
    ["/b/a%2Bb%28c%29%2A%27%21", "/b/a+b(c)*'!"],
    ["/b/~-._", "/b/%7e%2D%2e%5F"],
    ["/b/%C3%A9", "/b/%c3%a9"],
    ["/b/%00%1F", "/b/%00%1f"],
    ["/?acl", "/?acl="],
    ["/?a=%20", "/?a=+"],
    ["/?a=%2B", "/?a=%2b"],
    ["/?b=2&a=1", "/?a=1&b=2&"],
    ["/?a=2&a=1", "/?a=1&a=2"],
    ["/?a-b=1&a=1", "/?a=1&a-b=1"],
    ["/?a=b%3Dc", "/?a=b=c"],
  ])("%s verifies when sent as %s", (signed, sent) => {
    expect(take({ ...sign(signed), target: sent })?.via).toBe("header");
  });

  test.each([
    ["/b/a%2Fb", "/b/a/b"],
    ["/b/a%2Bb", "/b/a%20b"],
    ["/b/a+b", "/b/a%20b"],
    ["/b/./c", "/b/c"],
    ["/b/x/../c", "/b/c"],
    ["/b//c", "/b/c"],
    ["/b/%2525", "/b/%25"],
    ["/?a=%2B", "/?a=+"],
    ["/?a=%26b", "/?a=&b"],
    ["/b/%C3%A9", "/b/e%CC%81"],
  ])("%s does not verify when sent as %s", (signed, sent) => {
    expect(refusal({ ...sign(signed), target: sent }).code).toBe("SignatureDoesNotMatch");
  });

  test.each([
    "/b/%",
    "/b/%4",
    "/b/%zz",
    "/b/%ff",
    "/b/%c0%ae",
    "b/k",
    "*",
    "http://a/b",
    "/b?a=%",
    "/b?%ff=1",
  ])("%s cannot be parsed", (target) => {
    expect(refusal({ ...get(signer), target }).code).toBe("InvalidURI");
  });
});

describe("refusals of the format", () => {
  test("a wrong region names the right one", () => {
    const error = refusal(forge(get(signer), signer, { region: "eu-west-1" }));
    expect(error.details).toEqual({ Region: "us-east-1" });
    expect(error.message).toContain("eu-west-1");
    expect(error.message).toContain("us-east-1");
  });

  test.each(["ab", "a".repeat(129), "a b", "*)(uid=*", "ä".repeat(4), "a\nb"])(
    "the key id %j is never looked up (9ac52cd5)",
    (id) => {
      const request = withAuthorization(get(signer), (text) => text.replace("AKIDEXAMPLE", id));
      expect(() => readAuthorization(request, { region: signer.region })).toThrow(S3Error);
      expect(refusal(request).code).toBe("InvalidAccessKeyId");
    },
  );

  test("an authorization of any length is read in a moment", () => {
    const floods = [
      "=".repeat(60_000),
      "a=".repeat(30_000),
      ",".repeat(60_000),
      " ".repeat(60_000),
    ];
    for (const flood of floods) {
      const attempt = (): number => {
        const before = process.cpuUsage();
        refusal(withHeader(get(signer), "authorization", `AWS4-HMAC-SHA256 ${flood}`));
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1000;
      };
      // Processor time, and the best of five: a busy machine is not the reader's fault.
      expect(Math.min(...Array.from({ length: 5 }, attempt))).toBeLessThan(50);
    }
  });

  test("a request that is rightly signed twice, in its header and its query, is refused", () => {
    const target = `${get(signer).target}?${presignedGet(signer).target.split("?")[1] ?? ""}`;
    const headers = ["x-amz-content-sha256", payloadModes.unsigned];
    const request = forge({ ...get(signer), target }, signer, { headers: [...headers] });
    expect(refusal(withHeader(request, "x-amz-date", undefined)).reason).toBe(
      "two_auth_mechanisms",
    );
  });

  test("a parameter that is rightly presigned twice is refused", () => {
    const request = {
      method: "PUT",
      target: "/b/k?x-amz-acl=a&X-Amz-Acl=b",
      headers: { host: signer.host },
    };
    const options = { credentials: signer, region: signer.region, now, expiresSeconds: 60 };
    const wire = { ...presignedGet(signer), method: "PUT", target: presign(request, options) };
    expect(refusal(wire).reason).toBe("repeated_auth_parameter");
  });

  test("a query and a header must not name the same x-amz- thing", () => {
    const request = forge({ ...put(signer), target: "/b/k?x-amz-meta-owner=b" }, signer, {});
    expect(refusal(request).reason).toBe("header_and_parameter");
    const same = forge({ ...put(signer), target: "/b/k?x-amz-acl=private" }, signer, {
      headers: ["x-amz-acl", "private"],
    });
    expect(refusal(same).reason).toBe("header_and_parameter");
  });
});

describe("payload modes", () => {
  test("each header's declaration becomes its mode", () => {
    expect(take(put(signer))?.payload).toEqual({
      kind: "hashed",
      sha256: headerOf(put(signer), "x-amz-content-sha256"),
    });
    expect(take(honestRequests.unsignedPut(signer))?.payload).toEqual({ kind: "unsigned" });
    expect(take(honestRequests.unsignedTrailer(signer))?.payload).toEqual({
      kind: "chunked",
      trailer: true,
    });
    expect(take(honestRequests.chunked(signer))?.payload).toMatchObject({
      kind: "chunked",
      trailer: false,
    });
    expect(take(list(signer))?.payload.kind).toBe("hashed");
  });

  test("a hash in capitals is handed out in lower case", () => {
    const request = forge(get(signer), signer, {
      headers: ["x-amz-content-sha256", "AB".repeat(32)],
    });
    expect(take(request)?.payload).toEqual({ kind: "hashed", sha256: "ab".repeat(32) });
  });

  test("a presigned request may be bound to a hash, in a signed header or a parameter", () => {
    const sha256 = "cd".repeat(32);
    const options = { credentials: signer, region: signer.region, now, expiresSeconds: 60 };
    const headers = { host: signer.host };
    const declared = { host: signer.host, "x-amz-content-sha256": sha256 };
    const byHeader = presign({ method: "PUT", target: "/b/k", headers: declared }, options);
    const target = `/b/k?X-Amz-Content-Sha256=${sha256}`;
    const byParameter = presign({ method: "PUT", target, headers }, options);
    const body = Buffer.alloc(0);
    const first = {
      method: "PUT",
      target: byHeader,
      rawHeaders: Object.entries(declared).flat(),
      body,
    };
    const second = {
      method: "PUT",
      target: byParameter,
      rawHeaders: Object.entries(headers).flat(),
      body,
    };
    expect(take(first)?.payload).toEqual({ kind: "hashed", sha256 });
    expect(take(second)?.payload).toEqual({ kind: "hashed", sha256 });
  });
});

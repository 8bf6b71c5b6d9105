import { describe, expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { readAuthorization } from "./authorization.ts";
import { presign } from "./presign.ts";
import { signRequest } from "./sign.ts";
import { SigningKeys } from "./signing-keys.ts";
import { verify } from "./verify.ts";

const now = Date.UTC(2026, 10, 21, 12);
const region = "us-east-1";
const token = "IQoJ/the+token=that no answer shows";
const permanent = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret" };
const temporary = { ...permanent, sessionToken: token };
const keys = new SigningKeys();
const host = "localhost:9000";

interface Wire {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
}

type Signer = typeof permanent & { readonly sessionToken?: string };

function inHeader(credentials: Signer, target = "/bucket/key"): Wire {
  const request = { method: "GET", target, headers: { host } };
  const payload = "UNSIGNED-PAYLOAD";
  const headers = signRequest(request, { credentials, region, now, payload });
  return { method: "GET", target, rawHeaders: Object.entries(headers).flat() };
}

function inQuery(credentials: Signer, headers: Record<string, string> = {}): Wire {
  const request = { method: "GET", target: "/bucket/key", headers: { host, ...headers } };
  const target = presign(request, { credentials, region, now, expiresSeconds: 60 });
  return { method: "GET", target, rawHeaders: Object.entries(request.headers).flat() };
}

function outcome(wire: Wire, held: Signer = temporary): string {
  const { secretAccessKey: secret, sessionToken } = held;
  try {
    const presented = readAuthorization(wire, { region });
    if (presented === undefined) return "anonymous";
    verify(presented, { secret, sessionToken, now, keys });
    return "believed";
  } catch (error) {
    if (!S3Error.is(error)) throw error;
    const shown = JSON.stringify([error.message, error.details]);
    // In any form that it has on the way: as it is, percent-encoded, or as spaced bytes.
    for (const form of [token, encodeURIComponent(token), Buffer.from("the+token").toString("hex")])
      expect(shown.replaceAll(/(?<=[0-9a-f]{2}) (?=[0-9a-f]{2})/g, "")).not.toContain(form);
    return `${error.code} ${error.reason}`;
  }
}

describe.each([
  ["in the header", inHeader],
  ["in the query", inQuery],
])("a token %s", (_, sign: (credentials: Signer) => Wire) => {
  test("is believed with its own credential", () => {
    expect(outcome(sign(temporary))).toBe("believed");
  });

  test("is refused when it is another's, or a beginning of it, or empty", () => {
    for (const wrong of [`${token.slice(0, -1)}x`, token.slice(0, -1), `${token}x`, ""]) {
      const wire = sign({ ...permanent, sessionToken: wrong });
      expect(outcome(wire)).toBe("InvalidToken bad_session_token");
    }
  });

  test("is refused with a credential that has none", () => {
    expect(outcome(sign(temporary), permanent)).toBe("InvalidToken unexpected_session_token");
  });

  test("is needed by a credential that has one", () => {
    expect(outcome(sign(permanent))).toBe("InvalidToken missing_session_token");
  });

  test("is judged only for who holds the secret, and is not shown to others", () => {
    for (const sessionToken of [token, "wrong"]) {
      const wire = sign({ ...temporary, sessionToken, secretAccessKey: "no secret" });
      expect(outcome(wire)).toBe("SignatureDoesNotMatch bad_signature");
    }
  });
});

test("a token that the signature does not cover is not believed", () => {
  const wire = inHeader(permanent);
  const added = { ...wire, rawHeaders: [...wire.rawHeaders, "X-Amz-Security-Token", token] };
  expect(outcome(added)).toBe("AccessDenied unsigned_headers");
  const presigned = inQuery(permanent);
  const target = `${presigned.target}&X-Amz-Security-Token=${encodeURIComponent(token)}`;
  expect(outcome({ ...presigned, target })).toBe("SignatureDoesNotMatch bad_signature");
});

test("a presigned request may carry its token in a signed header", () => {
  expect(outcome(inQuery(permanent, { "x-amz-security-token": token }))).toBe("believed");
});

test("a token in two places, or where the other way of signing has it, is refused", () => {
  const parameter = `X-Amz-Security-Token=${encodeURIComponent(token)}`;
  expect(outcome(inQuery(temporary, { "x-amz-security-token": token }))).toBe(
    "InvalidRequest header_and_parameter",
  );
  expect(outcome(inHeader(temporary, `/bucket/key?${parameter}`))).toBe(
    "InvalidRequest header_and_parameter",
  );
  for (const spelling of [parameter, parameter.toLowerCase(), parameter.replace("S", "%53")]) {
    expect(outcome(inHeader(permanent, `/bucket/key?${spelling}`))).toBe(
      "InvalidToken unexpected_session_token",
    );
  }
});

test("another spelling of the parameter is the token, too", () => {
  const { target: honest, ...rest } = inQuery(temporary);
  const lowerCase = honest.replace("X-Amz-Security-Token", "x-amz-security-token");
  expect(outcome({ ...rest, target: lowerCase })).toBe("SignatureDoesNotMatch bad_signature");
});

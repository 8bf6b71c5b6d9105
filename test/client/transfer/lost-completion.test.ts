import { multipartEtag } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { S3ServerError, upload } from "@holdfast/client";
import { answer, refusal, silence, type ReceivedRequest, type Reply } from "@holdfast/lab";
import { failureOf, mebibyte, partEtag, service, stepOf, stepsOf } from "./service.ts";

const target = { bucket: "bucket", key: "object" };

describe("a completion whose answer is lost", () => {
  const lost = silence({ does: "reset" });

  function losing(
    later: (request: ReceivedRequest) => Reply | undefined,
  ): (request: ReceivedRequest) => Reply | undefined {
    let completions = 0;
    return (request) => {
      if (stepOf(request) === "complete" && completions++ === 0) return lost;
      return later(request);
    };
  }

  test.each([
    ["ifNoneMatch", { ifNoneMatch: "*" }],
    ["ifMatch", { ifMatch: "before" }],
  ] as const)(
    "a condition (%s) that fails on its own doing is a success, known by the mark of the upload",
    async (_, condition) => {
      let mark = "";
      const { server, client } = await service(
        losing((request) => {
          mark ||= request.headers.get("x-amz-meta-holdfast-write-id") ?? "";
          if (stepOf(request) === "complete") return refusal(412, "PreconditionFailed");
          if (stepOf(request) === "abort") return refusal(404, "NoSuchUpload");
          if (stepOf(request) !== "head") return undefined;
          return answer({ headers: { ETag: '"made"', "x-amz-meta-holdfast-write-id": mark } });
        }),
      );
      const body = Buffer.alloc(12 * mebibyte);
      const output = await upload(client, { ...target, body, ...condition });
      expect(output).toMatchObject({ etag: "made", parts: 2, bytes: 12 * mebibyte });
      expect(mark).not.toBe("");
      expect(stepsOf(server)).toContain("head");
    },
  );

  test("a condition that fails on somebody else's object stays a failure, though that has the same bytes", async () => {
    const { client } = await service(
      losing((request) => {
        if (stepOf(request) === "complete") return refusal(412, "PreconditionFailed");
        if (stepOf(request) !== "head") return undefined;
        return answer({ headers: { ETag: '"made"', "x-amz-meta-holdfast-write-id": "another" } });
      }),
    );
    const body = Buffer.alloc(12 * mebibyte);
    const error = await failureOf(upload(client, { ...target, body, ifNoneMatch: "*" }));
    expect(error).toMatchObject({ errorCode: "PreconditionFailed", ambiguous: true });
  });

  test("every time: the object that is there tells that it was made; where none is, the failure is ambiguous", async () => {
    const etag = "d9c0c3fde64be5ff1fe0e5ab7dee6b1b-2";
    const rule = (found: Reply) => (request: ReceivedRequest) => {
      if (stepOf(request) === "complete") return lost;
      if (stepOf(request) === "abort") return refusal(404, "NoSuchUpload");
      return stepOf(request) === "head" ? found : undefined;
    };
    const body = Buffer.alloc(12 * mebibyte);
    const none = await service(rule(answer({ status: 404 })));
    const error = await failureOf(upload(none.client, { ...target, body }));
    expect(error).toMatchObject({ errorCode: "ECONNRESET", ambiguous: true });
    const own = multipartEtag([partEtag, partEtag]);
    const made = await service(rule(answer({ headers: { ETag: `"${own}"` } })));
    expect(await upload(made.client, { ...target, body })).toMatchObject({ etag: own });
    const others = await service(rule(answer({ headers: { ETag: `"${etag}"` } })));
    expect(await failureOf(upload(others.client, { ...target, body }))).toBeInstanceOf(Error);
  });

  test("a refused completion is no matter of doubt: the upload is taken back and nobody looks", async () => {
    const { server, client } = await service((request) =>
      stepOf(request) === "complete" ? refusal(412, "PreconditionFailed") : undefined,
    );
    const body = Buffer.alloc(12 * mebibyte);
    const error = await failureOf(upload(client, { ...target, body, ifNoneMatch: "*" }));
    expect(error).toMatchObject({ errorCode: "PreconditionFailed", ambiguous: false });
    expect(stepsOf(server).slice(-2)).toEqual(["complete", "abort"]);
  });

  test("a service that fails to complete is told as that", async () => {
    const { client } = await service((request) =>
      stepOf(request) === "complete" ? refusal(500, "InternalError") : undefined,
    );
    const error = await failureOf(upload(client, { ...target, body: Buffer.alloc(9 * mebibyte) }));
    expect(error).toBeInstanceOf(S3ServerError);
  });
});

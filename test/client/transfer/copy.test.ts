import { describe, expect, test } from "vitest";
import { answer, refusal, type ReceivedRequest, type Reply } from "@holdfast/lab";
import { copy } from "@holdfast/client";
import { document, failureOf, mebibyte, partEtag, service, stepOf, stepsOf } from "./service.ts";

const target = { bucket: "to", key: "copy", copySource: { bucket: "from", key: "käse" } };

/** A source of so many bytes, with all that a copy carries over, and some that it does not. */
function sourceOf(bytes: number): (request: ReceivedRequest) => Reply | undefined {
  return (request) => {
    if (stepOf(request) === "tags") {
      const tag = "<Tag><Key>a</Key><Value>b c</Value></Tag>";
      return document("Tagging", `<TagSet>${tag}</TagSet>`);
    }
    if (stepOf(request) !== "head") return undefined;
    return answer({
      framing: "none",
      headers: {
        ETag: '"source"',
        "Content-Length": String(bytes),
        "Content-Type": "text/plain",
        "Cache-Control": "no-store",
        "Content-Encoding": "br",
        "Content-Language": "de",
        "Content-Disposition": "inline",
        Expires: "never",
        "x-amz-version-id": "v1",
        "x-amz-storage-class": "GLACIER_IR",
        "x-amz-meta-name": "value",
      },
    });
  };
}

const gibibyte = 2 ** 30;

describe("copy", () => {
  test.each([0, 1, 5 * gibibyte])("copies %i bytes by one request", async (bytes) => {
    const { server, client } = await service(sourceOf(bytes));
    const output = await copy(client, target);
    expect(output).toEqual({ etag: partEtag, versionId: undefined, parts: 0, bytes });
    expect(stepsOf(server)).toEqual(["head", "copy"]);
  });

  test("copies more than 5 GiB in ranges that meet, all of the same source", async () => {
    const { server, client } = await service(sourceOf(5 * gibibyte + 1));
    const told: number[] = [];
    const output = await copy(client, {
      ...target,
      onProgress: ({ transferredBytes }) => told.push(transferredBytes),
    });
    expect(output).toMatchObject({ etag: "whole-2", parts: 21, bytes: 5 * gibibyte + 1 });
    expect(told.at(-1)).toBe(5 * gibibyte + 1);
    const copies = server.requests.filter((request) => stepOf(request) === "copy");
    const ranges = copies
      .map(({ headers }) => /bytes=(\d+)-(\d+)/.exec(headers.get("x-amz-copy-source-range") ?? ""))
      .map((found) => [Number(found?.[1]), Number(found?.[2])] as const)
      .toSorted(([a], [b]) => a - b);
    let next = 0;
    for (const [start, end] of ranges) {
      expect(start).toBe(next);
      next = end + 1;
    }
    expect(next).toBe(5 * gibibyte + 1);
    for (const { headers } of copies) {
      expect(headers.get("x-amz-copy-source-if-match")).toBe('"source"');
      expect(headers.get("x-amz-copy-source")).toBe("from/k%C3%A4se?versionId=v1");
    }
  });

  test("in parts carries over what CopyObject would, and nothing else", async () => {
    const { server, client } = await service(sourceOf(12 * mebibyte));
    await copy(client, { ...target, partBytes: 5 * mebibyte, metadata: { ignored: "as by S3" } });
    const headers = server.requests.find((request) => stepOf(request) === "create")?.headers;
    const named = [...(headers ?? [])].filter(([name]) =>
      /^(?:cache|content-(?!length)|expires|x-amz-(?:meta|storage|tagging))/.test(name),
    );
    expect(Object.fromEntries(named)).toEqual({
      "content-type": "text/plain",
      "cache-control": "no-store",
      "content-encoding": "br",
      "content-language": "de",
      "content-disposition": "inline",
      expires: "never",
      "x-amz-meta-name": "value",
      "x-amz-tagging": "a=b%20c",
    });
  });

  test("in parts takes from its caller what directives say", async () => {
    const { server, client } = await service(sourceOf(12 * mebibyte));
    await copy(client, {
      ...target,
      partBytes: 5 * mebibyte,
      metadataDirective: "REPLACE",
      taggingDirective: "REPLACE",
      metadata: { new: "entry" },
      contentType: "text/html",
      tagging: { c: "d" },
    });
    const headers = server.requests.find((request) => stepOf(request) === "create")?.headers;
    expect(headers?.get("content-type")).toBe("text/html");
    expect(headers?.get("x-amz-meta-new")).toBe("entry");
    expect(headers?.get("x-amz-tagging")).toBe("c=d");
    expect(headers?.has("x-amz-meta-name")).toBe(false);
    expect(headers?.has("cache-control")).toBe(false);
    expect(stepsOf(server)).not.toContain("tags");
  });

  test("from a service that knows no tags there are none to lose; a refusal to tell them is a failure", async () => {
    const source = sourceOf(12 * mebibyte);
    const input = { ...target, partBytes: 5 * mebibyte };
    const without = await service((request) =>
      stepOf(request) === "tags" ? refusal(501, "NotImplemented") : source(request),
    );
    await copy(without.client, input);
    const refused = await service((request) =>
      stepOf(request) === "tags" ? refusal(403, "AccessDenied") : source(request),
    );
    expect(await failureOf(copy(refused.client, input))).toMatchObject({
      errorCode: "AccessDenied",
      operation: "GetObjectTagging",
    });
    expect(stepsOf(refused.server)).toEqual(["head", "tags"]);
  });

  test("of a source that is replaced meanwhile is taken back, and told as that", async () => {
    const source = sourceOf(30 * mebibyte);
    let copies = 0;
    const { server, client } = await service((request) => {
      if (stepOf(request) !== "copy") return source(request);
      copies += 1;
      return copies > 2 ? refusal(412, "PreconditionFailed") : undefined;
    });
    const error = await failureOf(copy(client, { ...target, partBytes: 5 * mebibyte }));
    expect(error).toMatchObject({ errorCode: "ModifiedDuringRead", operation: "Copy" });
    expect(stepsOf(server).at(-1)).toBe("abort");
    expect(stepsOf(server)).not.toContain("complete");
  });

  test("that is aborted cancels its parts, takes itself back, and keeps the reason", async () => {
    const source = sourceOf(30 * mebibyte);
    const controller = new AbortController();
    const { server, client } = await service((request) => {
      if (stepOf(request) !== "copy") return source(request);
      setTimeout(() => controller.abort("enough"), 50);
      return { after: "body", steps: [{ does: "stall" }] };
    });
    const { signal } = controller;
    const error = await failureOf(copy(client, { ...target, partBytes: 5 * mebibyte, signal }));
    expect(error).toMatchObject({ errorCode: "Aborted", cause: "enough" });
    expect(stepsOf(server).at(-1)).toBe("abort");
  });

  test("sends its keys where each belongs", async () => {
    const { server, client } = await service(sourceOf(12 * mebibyte));
    await copy(client, {
      ...target,
      partBytes: 5 * mebibyte,
      sseCustomerKey: Buffer.alloc(32, 1),
      copySourceSseCustomerKey: Buffer.alloc(32, 2),
      expectedBucketOwner: "1",
      expectedSourceBucketOwner: "2",
    });
    const [source, own] = [2, 1].map((byte) => Buffer.alloc(32, byte).toString("base64"));
    const key = "server-side-encryption-customer-key";
    for (const request of server.requests) {
      const { headers } = request;
      const step = stepOf(request);
      if (step === "tags") continue;
      expect(headers.get(`x-amz-${key}`)).toBe(step === "head" ? source : own);
      expect(headers.get("x-amz-expected-bucket-owner")).toBe(step === "head" ? "2" : "1");
      if (step !== "copy") continue;
      expect(headers.get(`x-amz-copy-source-${key}`)).toBe(source);
      expect(headers.get("x-amz-source-expected-bucket-owner")).toBe("2");
    }
  });
});

import { PassThrough, Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { S3AbortedError, S3SourceError, putObject, upload } from "@holdfast/client";
import { answer, refusal, silence, type ReceivedRequest, type Reply } from "@holdfast/lab";
import { document, failureOf, mebibyte, partOf, service, stepOf, stepsOf } from "./service.ts";

const target = { bucket: "bucket", key: "object" };
const stall: Reply = { after: "body", steps: [{ does: "stall" }] };

async function* pieces(bytes: number, failure?: Error): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(256 * 1024, "x");
  for (let left = bytes; left > 0; left -= piece.byteLength) {
    yield piece.subarray(0, Math.min(left, piece.byteLength));
  }
  if (failure !== undefined) throw failure;
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("it never came to that");
    await wait(5);
  }
}

function isPart(number: number): (request: ReceivedRequest) => boolean {
  return (request) => stepOf(request) === "part" && partOf(request) === number;
}

describe("sizes", () => {
  test.each([
    [0, ["put"]],
    [1, ["put"]],
    [5 * mebibyte, ["put"]],
    [5 * mebibyte + 1, ["create", "part", "part", "complete"]],
    [10 * mebibyte, ["create", "part", "part", "complete"]],
    [10 * mebibyte + 1, ["create", "part", "part", "part", "complete"]],
  ])("%i bytes in parts of 5 MiB are sent as %j", async (bytes, steps) => {
    const { server, client } = await service(() => undefined);
    const output = await upload(client, { ...target, body: pieces(bytes), partBytes: 1 });
    expect(stepsOf(server)).toEqual(steps);
    const parts = Math.max(0, steps.length - 2);
    expect(output).toMatchObject({ bytes, parts });
    const sizes = server.requests
      .filter((request) => ["part", "put"].includes(stepOf(request)))
      .map(({ bodyBytes }) => bodyBytes);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes);
  });

  test("as many parts are on their way at once as was asked for, and no more", async () => {
    const { server, client } = await service((request) =>
      stepOf(request) === "part" ? stall : undefined,
    );
    const controller = new AbortController();
    const body = Buffer.alloc(40 * mebibyte);
    const parts = { partBytes: 5 * mebibyte, concurrency: 3 };
    const uploading = failureOf(
      upload(client, { ...target, body, ...parts, signal: controller.signal }),
    );
    const underWay = (): number =>
      server.requests.filter((request) => stepOf(request) === "part" && request.whole).length;
    await until(() => underWay() === 3);
    // Long enough for a fourth one to come, if there were one.
    await wait(100);
    expect(stepsOf(server).filter((step) => step === "part")).toHaveLength(3);
    controller.abort();
    await uploading;
  });

  test("numbers that are none are refused before anything is sent", async () => {
    const { server, client } = await service(() => undefined);
    const body = Buffer.alloc(12 * mebibyte);
    for (const wrong of [
      { partBytes: Number.NaN },
      { concurrency: 0 },
      { concurrency: Number.NaN },
    ]) {
      const error = await failureOf(upload(client, { ...target, body, ...wrong }));
      expect(error).toMatchObject({ errorCode: "InvalidRequest" });
    }
    const wrongLength = upload(client, { ...target, body: pieces(1), contentLength: -1 });
    expect(await failureOf(wrongLength)).toMatchObject({ errorCode: "InvalidRequest" });
    expect(server.requests).toEqual([]);
  });
});

describe("what is said with each request", () => {
  test("the key of the caller's own, the owner and the payer go with every part and the completion, checksums from begin to end", async () => {
    const { server, client } = await service((request) => {
      if (stepOf(request) === "create") {
        const { steps } = document("InitiateMultipartUploadResult", "<UploadId>u1</UploadId>");
        const [first] = steps;
        const head = first?.does === "send" ? String(first.bytes) : "";
        const said = "x-amz-checksum-algorithm: CRC32\r\nx-amz-checksum-type: FULL_OBJECT\r\n\r\n";
        const bytes = head.replace(/\r\n\r\n$/, `\r\n${said}`);
        return { after: "body", steps: [{ does: "send", bytes }, ...steps.slice(1)] };
      }
      if (stepOf(request) !== "part") return undefined;
      const headers = {
        ETag: '"e"',
        "x-amz-checksum-crc32": request.headers.get("x-amz-checksum-crc32"),
      };
      return answer({ headers });
    });
    await upload(client, {
      ...target,
      body: Buffer.alloc(9 * mebibyte),
      sseCustomerKey: Buffer.alloc(32, 7),
      expectedBucketOwner: "123456789012",
      requestPayer: "requester",
      contentType: "text/plain",
      metadata: { a: "b" },
    });
    const [create, ...rest] = server.requests;
    expect(create?.headers.get("content-type")).toBe("text/plain");
    expect(create?.headers.get("x-amz-meta-a")).toBe("b");
    expect(create?.headers.get("x-amz-checksum-algorithm")).toBe("CRC32");
    expect(create?.headers.get("x-amz-checksum-type")).toBe("FULL_OBJECT");
    expect(rest).toHaveLength(3);
    for (const { headers } of server.requests) {
      expect(headers.get("x-amz-server-side-encryption-customer-key")).toBeDefined();
      expect(headers.get("x-amz-expected-bucket-owner")).toBe("123456789012");
      expect(headers.get("x-amz-request-payer")).toBe("requester");
    }
    const completion = rest.at(-1);
    const crc32 = rest[0]?.headers.get("x-amz-checksum-crc32");
    expect(crc32).toBeDefined();
    expect(completion?.bodyStart.toString()).toContain(`<ChecksumCRC32>${crc32}</ChecksumCRC32>`);
    expect(completion?.headers.get("x-amz-checksum-type")).toBe("FULL_OBJECT");
  });

  test("the completion names its parts in their order, whatever order they were answered in", async () => {
    const { server, client } = await service((request) => {
      if (stepOf(request) !== "part") return undefined;
      const number = partOf(request);
      const { steps } = answer({ headers: { ETag: `"e${number}"` } });
      return { after: "body", steps: [{ does: "wait", ms: 120 - 30 * number }, ...steps] };
    });
    await upload(client, { ...target, body: Buffer.alloc(16 * mebibyte), partBytes: 1 });
    const completion = server.requests.at(-1)?.bodyStart.toString() ?? "";
    expect([...completion.matchAll(/&quot;(e\d)&quot;|"(e\d)"/g)].map((m) => m[1] ?? m[2])).toEqual(
      ["e1", "e2", "e3", "e4"],
    );
  });
});

describe("failure", () => {
  test("a part that is refused ends the others, and then the upload, before the caller hears of it", async () => {
    const { server, client } = await service((request) => {
      if (isPart(2)(request)) return refusal(403, "AccessDenied");
      return stepOf(request) === "part" ? stall : undefined;
    });
    const error = await failureOf(
      upload(client, { ...target, body: pieces(100 * mebibyte), partBytes: 1 }),
    );
    expect(error).toMatchObject({ errorCode: "AccessDenied", operation: "UploadPart" });
    const steps = stepsOf(server);
    expect(steps.at(-1)).toBe("abort");
    expect(steps.filter((step) => step === "part").length).toBeLessThanOrEqual(4);
    const stalled = server.requests.filter((one) => stepOf(one) === "part" && partOf(one) !== 2);
    await until(() =>
      stalled.every(({ connection }) => server.connections[connection]?.closed === true),
    );
  });

  test("a source's failure reaches the caller as the cause, and no part is sent after it", async () => {
    const failure = new Error("the disk went away");
    const { server, client } = await service(() => undefined);
    const body = pieces(12 * mebibyte, failure);
    const error = await failureOf(upload(client, { ...target, body, partBytes: 1 }));
    expect(error).toBeInstanceOf(S3SourceError);
    expect(error).toMatchObject({ operation: "Upload", cause: failure, retryable: false });
    expect(stepsOf(server).at(-1)).toBe("abort");
    expect(stepsOf(server)).not.toContain("complete");
  });

  test("an upload that could not be taken back is named, with the service's reason", async () => {
    const failure = new Error("the disk went away");
    const refuseAbort = (request: ReceivedRequest): Reply | undefined =>
      stepOf(request) === "abort" ? refusal(403, "AccessDenied") : undefined;
    const { client } = await service(refuseAbort);
    const left = { UploadId: "u1", AbortMultipartUpload: "AccessDenied" };
    const error = await failureOf(
      upload(client, { ...target, body: pieces(20 * mebibyte, failure) }),
    );
    expect(error).toMatchObject({ errorCode: "BodySourceFailed", cause: failure, details: left });

    const both = await service((request) =>
      stepOf(request) === "part" ? refusal(400, "InvalidRequest") : refuseAbort(request),
    );
    const second = await failureOf(
      upload(both.client, { ...target, body: Buffer.alloc(12 * mebibyte) }),
    );
    expect(second).toMatchObject({
      errorCode: "InvalidRequest",
      statusCode: 400,
      requestId: "HDRREQ1",
      details: left,
      cause: { errorCode: "InvalidRequest", operation: "UploadPart" },
    });
  });

  test("an upload that is gone when it is taken back is not named", async () => {
    const { client } = await service((request) => {
      if (stepOf(request) === "abort") return refusal(404, "NoSuchUpload");
      return stepOf(request) === "part" ? refusal(400, "InvalidRequest") : undefined;
    });
    const error = await failureOf(upload(client, { ...target, body: Buffer.alloc(9 * mebibyte) }));
    expect(error).toMatchObject({
      errorCode: "InvalidRequest",
      details: expect.not.objectContaining({ UploadId: "u1" }),
    });
  });

  test("what onProgress throws ends the upload and is the cause; of an object that is there already it is ambiguous", async () => {
    const thrown = new Error("not like this");
    const onProgress = (): void => {
      throw thrown;
    };
    const { server, client } = await service(() => undefined);
    const inParts = upload(client, { ...target, body: pieces(20 * mebibyte), onProgress });
    const error = await failureOf(inParts);
    expect(error).toBeInstanceOf(S3AbortedError);
    expect(error).toMatchObject({ cause: thrown, ambiguous: false });
    expect(stepsOf(server).at(-1)).toBe("abort");
    const whole = await failureOf(upload(client, { ...target, body: "text", onProgress }));
    expect(whole).toMatchObject({ errorCode: "Aborted", cause: thrown, ambiguous: true });
  });

  test.each([
    ["more", 20 * mebibyte - 1],
    ["fewer", 20 * mebibyte + 1],
  ])("a source with %s bytes than announced makes no object", async (_, contentLength) => {
    const { server, client } = await service(() => undefined);
    const body = pieces(20 * mebibyte);
    const error = await failureOf(upload(client, { ...target, body, contentLength }));
    expect(error).toMatchObject({ errorCode: "BodySourceFailed", cause: expect.any(RangeError) });
    expect(stepsOf(server)).not.toContain("complete");
    expect(stepsOf(server)).toContain("abort");
  });
});

describe("abort", () => {
  test("cancels the parts on their way, takes the upload back, and keeps the reason", async () => {
    const reason = new Error("the user left");
    const controller = new AbortController();
    const { server, client } = await service((request) =>
      stepOf(request) === "part" ? stall : undefined,
    );
    const uploading = failureOf(
      upload(client, { ...target, body: pieces(40 * mebibyte), signal: controller.signal }),
    );
    await until(() => server.requests.filter(({ whole }) => whole).length >= 5);
    const abortedAt = performance.now();
    controller.abort(reason);
    const error = await uploading;
    expect(performance.now() - abortedAt).toBeLessThan(5_000);
    expect(error).toBeInstanceOf(S3AbortedError);
    expect(error).toMatchObject({ cause: reason, ambiguous: false });
    expect(stepsOf(server).slice(-1)).toEqual(["abort"]);
    expect(stepsOf(server)).not.toContain("complete");
  });

  test("does not wait for a source that never gives anything, and lets go of it", async () => {
    const { server, client } = await service(() => undefined);
    const silent = new PassThrough();
    const late = new PassThrough();
    late.write(Buffer.alloc(17 * mebibyte));
    for (const body of [silent, late]) {
      const signal = AbortSignal.timeout(500);
      const error = await failureOf(upload(client, { ...target, body, signal }));
      expect(error).toMatchObject({ errorCode: "Aborted", cause: { name: "TimeoutError" } });
      await until(() => body.destroyed);
    }
    expect(stepsOf(server).filter((step) => step === "create").length).toBe(
      stepsOf(server).filter((step) => step === "abort").length,
    );
  });

  test("while the upload begins waits for its id, so that it can be taken back", async () => {
    const controller = new AbortController();
    const { server, client } = await service((request) => {
      if (stepOf(request) !== "create") return undefined;
      setTimeout(() => controller.abort("enough"), 50);
      const { steps } = document("InitiateMultipartUploadResult", "<UploadId>u1</UploadId>");
      return { after: "body", steps: [{ does: "wait", ms: 200 }, ...steps] };
    });
    const body = Buffer.alloc(20 * mebibyte);
    const error = await failureOf(upload(client, { ...target, body, signal: controller.signal }));
    expect(error).toMatchObject({ errorCode: "Aborted", cause: "enough" });
    expect(stepsOf(server)).toEqual(["create", "abort"]);
  });

  test("before it begins sends nothing; after it ended changes nothing, and no listener stays", async () => {
    const { server, client } = await service(() => undefined);
    const early = upload(client, { ...target, body: "text", signal: AbortSignal.abort("no") });
    expect(await failureOf(early)).toMatchObject({ errorCode: "Aborted", cause: "no" });
    expect(server.requests).toEqual([]);
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>): void => {
      listeners += 1;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>): void => {
      listeners -= 1;
      remove(...given);
    };
    await upload(client, { ...target, body: pieces(20 * mebibyte), signal });
    expect(listeners).toBe(0);
  });
});

describe("sources", () => {
  test("a failed upload lets go of its stream, of Node or the web, begun or not", async () => {
    const { client } = await service(() => refusal(403, "AccessDenied"));
    const node = Readable.from(pieces(30 * mebibyte), { objectMode: false });
    await failureOf(upload(client, { ...target, body: node }));
    await until(() => node.destroyed);
    let cancelled = false;
    const web = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.alloc(mebibyte)),
      cancel: () => {
        cancelled = true;
      },
    });
    await failureOf(upload(client, { ...target, body: web }));
    await until(() => cancelled);
    const unread = new PassThrough();
    await failureOf(
      putObject(client, { ...target, body: unread, contentLength: 5, signal: AbortSignal.abort() }),
    );
    await until(() => unread.destroyed);
  });

  test("a function is called again for a retry; a stream that was read is not sent twice", async () => {
    let fails = 1;
    const { server, client } = await service(() =>
      fails-- > 0 ? refusal(503, "SlowDown") : undefined,
    );
    let made = 0;
    const body = (): Readable => {
      made += 1;
      return Readable.from(pieces(1000), { objectMode: false });
    };
    await putObject(client, { ...target, body, contentLength: 1000 });
    expect({ made, sent: server.requests.length }).toEqual({ made: 2, sent: 2 });
    fails = 1;
    const once = putObject(client, { ...target, body: body(), contentLength: 1000 });
    const error = await failureOf(once);
    expect(error).toMatchObject({ errorCode: "SlowDown", attempts: 1 });
    expect(server.requests).toHaveLength(3);
  });

  test("a part is sent again from memory when its connection breaks", async () => {
    let breaks = 2;
    const { server, client } = await service((request) =>
      isPart(1)(request) && breaks-- > 0 ? silence({ does: "reset" }) : undefined,
    );
    const output = await upload(client, { ...target, body: pieces(12 * mebibyte) });
    expect(output.parts).toBe(2);
    expect(stepsOf(server).filter((step) => step === "part")).toHaveLength(4);
  });
});

import { afterEach, expect, test } from "vitest";
import {
  S3Client,
  S3SourceError,
  completeMultipartUpload,
  createMultipartUpload,
  upload,
} from "@holdfast/client";
import { answer, ScriptedServer, type Reply, type ReceivedRequest } from "@holdfast/lab";
import { credentials } from "./situation.ts";
import { bucket } from "./subject.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Does what a service does about an upload in parts, without a look at the bytes. */
function store({ method, target }: ReceivedRequest): Reply {
  if (method === "POST" && target.includes("uploads")) {
    const body =
      "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
    return answer({ body });
  }
  if (method === "DELETE") return answer({ status: 204, framing: "none" });
  return answer({ headers: { ETag: '"e"' } });
}

const failure = new Error("the disk went away");

async function* failing(afterBytes: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(256 * 1024);
  for (let sent = 0; sent < afterBytes; sent += piece.byteLength) yield piece;
  throw failure;
}

async function uploaded(afterBytes: number): Promise<{ error: unknown; server: ScriptedServer }> {
  const server = await ScriptedServer.start(store);
  const client = new S3Client({ endpoint: server.endpoint, credentials });
  closing.push(() => server.close());
  closing.push(() => client.close());
  const body = failing(afterBytes);
  const error = await upload(client, { bucket, key: "object", body }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, server };
}

/** What a service would be left with: an object, an upload, or neither. */
function left({ requests }: ScriptedServer): readonly string[] {
  const begun = requests.filter(
    ({ method, target }) => method === "POST" && target.includes("uploads"),
  );
  const ended = requests.filter(({ method }) => method === "DELETE");
  const made = requests.filter(({ method, target }) => {
    const isCompletion = method === "POST" && target.includes("uploadId=");
    return isCompletion || (method === "PUT" && !target.includes("partNumber="));
  });
  return [
    ...made.map(() => "object"),
    ...Array.from({ length: begun.length - ended.length }, () => "upload"),
  ];
}

test.each([6, 55])(
  "a source that fails at %i MB is told as that, with its own error, and leaves nothing",
  async (megabytes) => {
    const { error, server } = await uploaded(megabytes * 1_000_000);
    expect(error).toBeInstanceOf(S3SourceError);
    expect(error).toMatchObject({
      errorCode: "BodySourceFailed",
      retryable: false,
      cause: failure,
    });
    expect(left(server)).toEqual([]);
  },
);

test("no part is sent after the upload was taken back", async () => {
  const { server } = await uploaded(55_000_000);
  const methods = server.requests.map(({ method }) => method);
  expect(methods.filter((method) => method === "PUT").length).toBeGreaterThan(3);
  expect(methods.lastIndexOf("PUT")).toBeLessThan(methods.indexOf("DELETE"));
});

test("an upload that nobody takes back, and one that is completed, would be noticed", async () => {
  const server = await ScriptedServer.start(store);
  const client = new S3Client({ endpoint: server.endpoint, credentials });
  closing.push(() => server.close());
  closing.push(() => client.close());
  const target = { bucket, key: "object" };
  const { uploadId } = await createMultipartUpload(client, target);
  expect(left(server)).toEqual(["upload"]);
  const parts = [{ partNumber: 1, etag: "e" }];
  await completeMultipartUpload(client, { ...target, uploadId, parts }).catch(() => undefined);
  expect(left(server)).toContain("object");
});

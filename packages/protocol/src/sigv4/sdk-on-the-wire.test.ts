import { createServer, request as httpRequest, type Server } from "node:http";
import { Readable } from "node:stream";
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parseAmzDate } from "../dates.ts";
import { ChunkedDecoder } from "../streaming/chunked-decoder.ts";
import { readAuthorization } from "./authorization.ts";
import { presign } from "./presign.ts";
import { SigningKeys } from "./signing-keys.ts";
import { verify, type Verified } from "./verify.ts";
import type { WireRequest } from "./wire-request.test.data.ts";

const region = "eu-west-3";
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCY",
};
const awkwardKey = "dir//../ä b+c%2F(1)*'!~/.hidden/🙂 &=?#;:@$,";

let captured: WireRequest[] = [];
let server: Server;
let client: S3Client;

beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { method = "", url: target = "", rawHeaders } = request;
      captured.push({ method, target, rawHeaders, body: Buffer.concat(pieces) });
      const isList = target.includes("list-type") || target.includes("uploads");
      response.setHeader("content-type", "application/xml");
      response.end(isList ? "<Result><UploadId>x</UploadId></Result>" : "");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const endpoint = `http://127.0.0.1:${port}`;
  client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
});

beforeEach(() => {
  captured = [];
});

afterAll(() => {
  client.destroy();
  server.close();
});

function verified(request: WireRequest | undefined): Verified {
  if (request === undefined) throw new Error("nothing was sent");
  const presented = readAuthorization(request, { region });
  if (presented === undefined) throw new Error("anonymous");
  const { timeMs: now } = presented;
  return verify(presented, { secret: credentials.secretAccessKey, now, keys: new SigningKeys() });
}

test("a PutObject of the SDK with every awkward character verifies", async () => {
  const Metadata = { a: "two  spaces", "b-c": "x" };
  const put = { Bucket: "bucket", Key: awkwardKey, Body: "hello", Metadata, Tagging: "a=b&c=d" };
  await client.send(new PutObjectCommand({ ...put, ContentType: "text/plain; charset=utf-8" }));
  expect(verified(captured[0]).payload.kind).toBe("hashed");
});

test("a GetObject, a listing and a new upload of the SDK verify", async () => {
  await client.send(
    new GetObjectCommand({ Bucket: "bucket", Key: awkwardKey, Range: "bytes=0-9" }),
  );
  await client.send(
    new ListObjectsV2Command({ Bucket: "bucket", Prefix: awkwardKey, Delimiter: "/", MaxKeys: 7 }),
  );
  await client.send(new CreateMultipartUploadCommand({ Bucket: "bucket", Key: awkwardKey }));
  expect(captured.map((request) => verified(request).via)).toEqual(["header", "header", "header"]);
});

test("a streamed upload of the SDK verifies and decodes, with its trailer", async () => {
  const payload = Buffer.alloc(300_000, "streamed ");
  const Body = Readable.from([payload.subarray(0, 70_000), payload.subarray(70_000)]);
  const ContentLength = payload.length;
  await client.send(new PutObjectCommand({ Bucket: "bucket", Key: "k", Body, ContentLength }));
  const [request] = captured;
  const mode = verified(request).payload;
  if (request === undefined || mode.kind !== "chunked") throw new Error("not streamed");
  expect(mode).toEqual({ kind: "chunked", trailer: true });
  const announced = ["x-amz-checksum-crc32"];
  const decoder = new ChunkedDecoder({ ...mode, decodedLength: payload.length, announced });
  const decoded = Buffer.concat(decoder.write(request.body));
  expect(decoded.equals(payload)).toBe(true);
  expect(decoder.end().get("x-amz-checksum-crc32")).toMatch(/^[A-Za-z0-9+/]{6}==$/);
});

test("what the SDK presigns verifies, and we presign it byte for byte alike", async () => {
  const input = { Bucket: "bucket", Key: awkwardKey };
  const commands = [
    new GetObjectCommand({ ...input, VersionId: "v/1", ResponseContentType: "text/html" }),
    new PutObjectCommand({ ...input, Metadata: { a: "b" } }),
  ];
  for (const command of commands) {
    const url = await getSignedUrl(client, command, { expiresIn: 600 });
    const method = command instanceof PutObjectCommand ? "PUT" : "GET";
    const [, host = "", target = ""] = /^http:\/\/([^/]*)(.*)$/.exec(url) ?? [];
    await send(url, { method, target });
    const request = captured.at(-1);
    expect(request?.target).toBe(target);
    expect(verified(request)).toEqual({
      accessKeyId: credentials.accessKeyId,
      via: "presigned",
      payload: { kind: "unsigned" },
    });
    expect(ours(target, { method, host })).toBe(/X-Amz-Signature=\w+/.exec(target)?.[0]);
  }
});

/** Presigns the same parameters anew. */
function ours(target: string, line: { method: string; host: string }): string | undefined {
  const now = parseAmzDate(/X-Amz-Date=(\w+)/.exec(target)?.[1] ?? "") ?? 0;
  const signing = /[?&]X-Amz-(?:Algorithm|Credential|Date|Expires|SignedHeaders|Signature)=[^&]*/g;
  const bare = target.replaceAll(signing, (found) => (found.startsWith("?") ? "?" : ""));
  const request = {
    method: line.method,
    target: bare.replace("?&", "?"),
    headers: { host: line.host },
  };
  const signed = presign(request, { credentials, region, now, expiresSeconds: 600 });
  return /X-Amz-Signature=\w+/.exec(signed)?.[0];
}

/** Without URL parsing, which would rewrite the path. */
function send(url: string, line: { method: string; target: string }): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { hostname, port, method: line.method, path: line.target },
      (response) => {
        response.resume().on("end", resolve);
      },
    );
    sent.on("error", reject).end();
  });
}

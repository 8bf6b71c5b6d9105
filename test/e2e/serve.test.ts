import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual, promisify } from "node:util";
import {
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { run, serve, temporaryFolder, type Served } from "./holdfast.ts";

interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function kept(data: string): Credential {
  const credential: Credential = JSON.parse(
    readFileSync(join(data, "root-credential.json"), "utf8"),
  );
  return credential;
}

function clientOf({ endpoint }: Served, credentials: Credential): S3Client {
  return new S3Client({
    endpoint,
    credentials: { ...credentials },
    region: "us-east-1",
    forcePathStyle: true,
  });
}

test("the first line says where it serves, and never the secret", async () => {
  const data = join(temporaryFolder(), "not", "yet", "there");
  const server = await serve(["--data", data]);
  expect(server.ready).toEqual({
    event: "ready",
    endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/),
    adminEndpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/),
    adminTokenFile: join(data, "admin-token"),
    region: "us-east-1",
    statusProfile: "documented",
    dataDirectory: data,
    accessKeyId: kept(data).accessKeyId,
    credentialFile: join(data, "root-credential.json"),
    recovered: expect.objectContaining({ created: true, replayedCommits: 0 }),
  });
  expect(JSON.stringify(server.ready)).not.toContain(kept(data).secretAccessKey);
});

test("what was stored is there after a stop and after a kill, under the same key", async () => {
  const data = join(temporaryFolder(), "data");
  const first = await serve(["--data", data, "--buckets", "photos"]);
  const credential = kept(data);
  const put = { Bucket: "photos", Key: "a/b c+é.txt", Body: "held fast" };
  await clientOf(first, credential).send(new PutObjectCommand(put));
  first.signal("SIGTERM");
  expect(await first.ended).toMatchObject({ status: 0, stderr: "" });
  expect(existsSync(join(data, "endpoint.json"))).toBe(false);

  const second = await serve(["--data", data, "--buckets", "photos"]);
  expect(kept(data)).toEqual(credential);
  await clientOf(second, credential).send(new PutObjectCommand({ ...put, Key: "killed" }));
  second.signal("SIGKILL");
  await second.ended;
  expect(existsSync(join(data, "endpoint.json"))).toBe(true);

  const third = await serve(["--data", data]);
  expect(third.ready).toMatchObject({ recovered: { created: false } });
  expect(second.ready).toMatchObject({ recovered: { cutBytes: 0, orphanedBlobs: 0 } });
  expect(kept(data)).toEqual(credential);
  for (const Key of [put.Key, "killed"]) {
    const { Body } = await clientOf(third, credential).send(
      new GetObjectCommand({ Bucket: "photos", Key }),
    );
    expect(await Body?.transformToString()).toBe("held fast");
  }
});

test("a preset credential is used, not stored, and buckets are made", async () => {
  const data = join(temporaryFolder(), "data");
  const credential = { accessKeyId: "admin", secretAccessKey: "p$a`s\"s w'ord" };
  const server = await serve(["--data", data], {
    env: {
      HOLDFAST_ROOT_ACCESS_KEY_ID: credential.accessKeyId,
      HOLDFAST_ROOT_SECRET_ACCESS_KEY: credential.secretAccessKey,
      HOLDFAST_BUCKETS: "one-bucket,two-bucket",
    },
  });
  const { Buckets = [] } = await clientOf(server, credential).send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toEqual(["one-bucket", "two-bucket"]);
  expect(server.ready).not.toHaveProperty("credentialFile");
  expect(existsSync(join(data, "root-credential.json"))).toBe(false);
});

test("each request is a line of JSON without secret or signature", async () => {
  const data = join(temporaryFolder(), "data");
  const server = await serve(["--data", data, "--status-profile", "aws"]);
  const client = clientOf(server, kept(data));
  await expect(
    client.send(new GetObjectCommand({ Bucket: "none-such", Key: "k" })),
  ).rejects.toMatchObject({ name: "NoSuchBucket" });
  server.signal("SIGINT");
  expect((await server.ended).status).toBe(0);
  const records: unknown[] = server.log
    .map((line): unknown => JSON.parse(line))
    .filter((record) => !isDeepStrictEqual(record, { event: "stopping" }));
  expect(records).toEqual([
    expect.objectContaining({
      event: "request",
      operation: "GetObject",
      bucket: "none-such",
      key: "k",
      status: 404,
      code: "NoSuchBucket",
    }),
  ]);
  expect(server.log.join("")).not.toMatch(/Signature=|secret/i);
});

/** A connection with half a request on it. */
async function halfRequest({ endpoint }: Served): Promise<Socket> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  await promisify((half: string, done: () => void) => socket.write(half, done))(
    "GET / HTTP/1.1\r\nHost: x\r\n",
  );
  return socket;
}

test("a request under way is answered after SIGTERM, and no new one is taken", async () => {
  const server = await serve(["--data", join(temporaryFolder(), "data")]);
  // The answer to a second request shows that the first half of this one has arrived.
  const socket = await halfRequest(server);
  await fetch(server.endpoint);
  server.signal("SIGTERM");
  await server.logs("stopping");
  await expect(halfRequest(server)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  socket.write("\r\n");
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 403 /);
  expect(answer).toMatch(/^Connection: close\r$/im);
  expect((await server.ended).status).toBe(0);
});

test("a second signal ends it at once", async () => {
  const server = await serve(["--data", join(temporaryFolder(), "data")]);
  const socket = await halfRequest(server);
  socket.on("error", () => {});
  await fetch(server.endpoint);
  // Those that arrive at once are one wish, as npm and a terminal send it; a later one counts.
  const repeated = setInterval(() => server.signal("SIGTERM"), 50);
  const { status } = await server.ended;
  clearInterval(repeated);
  expect(status).toBe(143);
});

test("a log whose reader went away does not stop the server", async () => {
  const server = await serve(["--data", join(temporaryFolder(), "data")]);
  server.closeStdout();
  for (let request = 1; request <= 3; request += 1) {
    expect((await fetch(server.endpoint)).status).toBe(403);
  }
  server.signal("SIGTERM");
  expect(await server.ended).toMatchObject({ status: 0, stderr: "" });
});

test("everything in the data directory that holds a secret is its owner's alone", async () => {
  const data = join(temporaryFolder(), "data");
  await serve(["--data", data]);
  const open = readdirSync(data).filter(
    (name) => name.endsWith(".json") && (statSync(join(data, name)).mode & 0o077) !== 0,
  );
  expect(open).toEqual([]);
});

test("an address that others reach is served when asked for, with a warning", async () => {
  const server = await serve(["--data", join(temporaryFolder(), "d"), "--listen", "0.0.0.0:0"]);
  await server.printsOnStderr("reachable from other machines and has no TLS");
  expect(server.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/);
});

test("help and version need nothing and say nothing on stderr", async () => {
  const help = await run(["--help"]);
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toContain("Usage: holdfast COMMAND");
  expect(await run(["--version"])).toMatchObject({ status: 0, stdout: "0.1.0\n", stderr: "" });
});

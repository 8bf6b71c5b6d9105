import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { run, serve, temporaryFolder, type Served } from "./holdfast.ts";

function clientOf({ endpoint }: Served, data: string): S3Client {
  const credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } =
    JSON.parse(readFileSync(join(data, "root-credential.json"), "utf8"));
  const client = new S3Client({
    endpoint,
    credentials: { ...credentials },
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}

const bytesOf = (number: number): Buffer => Buffer.alloc(30_000 * (number + 1), `<${number}>`);

/** A server with a bucket and some objects in it. */
async function filled(
  data: string,
): Promise<{ readonly server: Served; readonly client: S3Client }> {
  const server = await serve(["--data", data, "--buckets", "photos"]);
  const client = clientOf(server, data);
  for (let number = 0; number < 5; number += 1) {
    const put = { Bucket: "photos", Key: `cat ${number}`, Body: bytesOf(number) };
    await client.send(new PutObjectCommand(put));
  }
  return { server, client };
}

async function stop(server: Served): Promise<void> {
  server.signal("SIGTERM");
  expect(await server.ended).toMatchObject({ status: 0 });
}

function rot(data: string): string {
  const root = join(data, "blobs/0000000001");
  const name = readdirSync(root).toSorted()[2] ?? "";
  const path = join(root, name);
  const bytes = readFileSync(path);
  bytes[66_000] = (bytes[66_000] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  return `blobs/0000000001/${name}`;
}

test("a running server is backed up, and its copy serves every object under the same key", async () => {
  const folder = temporaryFolder();
  const data = join(folder, "data");
  const { server, client } = await filled(data);
  const to = join(folder, "copy");
  const made = await run(["backup", "--data", data, "--to", to, "--json"]);
  expect(made).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(made.stdout)).toMatchObject({ event: "backup", to, blobs: 5, damaged: 0 });
  await client.send(new PutObjectCommand({ Bucket: "photos", Key: "later", Body: "x" }));
  expect(statSync(join(to, "root-credential.json")).mode & 0o777).toBe(0o600);
  expect(await run(["fsck", "--data", to])).toMatchObject({ status: 0 });
  const copy = await serve(["--data", to]);
  const restored = clientOf(copy, to);
  for (let number = 0; number < 5; number += 1) {
    const get = new GetObjectCommand({ Bucket: "photos", Key: `cat ${number}` });
    const { Body } = await restored.send(get);
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytesOf(number))).toBe(
      true,
    );
  }
  await expect(
    restored.send(new GetObjectCommand({ Bucket: "photos", Key: "later" })),
  ).rejects.toMatchObject({ name: "NoSuchKey" });
  await stop(copy);
  await stop(server);
  expect(readdirSync(folder).toSorted()).toEqual(["copy", "data"]);
});

test("a running server scrubs when it is asked; a damaged object stays listed and is not served", async () => {
  const data = join(temporaryFolder(), "data");
  const { server, client } = await filled(data);
  expect(statSync(join(data, "control.sock")).mode & 0o777).toBe(0o600);
  expect(await run(["scrub", "--data", data])).toMatchObject({ status: 0, stderr: "" });
  const file = rot(data);
  const { status, stdout } = await run(["scrub", "--data", data, "--scrub-rate", "0"]);
  expect(status).toBe(1);
  expect(stdout).toContain(`damaged   ${file}, moved to ${file}.damaged\n`);
  expect(stdout).toContain('object "photos/cat 2", bytes 65536-89999\n');
  const name = { Bucket: "photos", Key: "cat 2" };
  expect((await client.send(new HeadObjectCommand(name))).ContentLength).toBe(90_000);
  // What the headers promised cannot be kept, so the connection breaks.
  await expect(client.send(new GetObjectCommand(name))).rejects.toBeInstanceOf(Error);
  await stop(server);
  expect(existsSync(join(data, "control.sock"))).toBe(false);
});

test("a stopped directory is looked at without a change, then scrubbed", async () => {
  const folder = temporaryFolder();
  const data = join(folder, "data");
  const { server } = await filled(data);
  server.signal("SIGKILL");
  await server.ended;
  const sound = await run(["fsck", "--data", data]);
  expect(sound.status).toBe(0);
  expect(sound.stdout).toMatch(/^at start {2}[1-9]\d* commits read again from the log\nread /);
  const file = rot(data);
  const found = await run(["fsck", "--data", data, "--json"]);
  expect(found.status).toBe(1);
  expect(JSON.parse(found.stdout)).toMatchObject({
    event: "fsck",
    healthy: false,
    scrub: { damaged: 1, findings: [{ kind: "damaged-blob", file }] },
  });
  expect(existsSync(join(data, file))).toBe(true);
  expect(await run(["scrub", "--data", data])).toMatchObject({ status: 1 });
  expect(existsSync(join(data, file))).toBe(false);
  const copied = await run(["backup", "--data", data, "--to", join(folder, "copy")]);
  expect(copied).toMatchObject({ status: 1 });
  expect(copied.stdout).toContain(`missing   ${file}`);
});

test("what cannot be done is one sentence and exit 2, and changes nothing", async () => {
  const folder = temporaryFolder();
  const data = join(folder, "data");
  const { server } = await filled(data);
  const refused = async (args: readonly string[], why: string): Promise<void> => {
    const { status, stdout, stderr } = await run(args);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/^holdfast: [^\n]+: [^\n]+\.\n$/),
    });
    expect(stderr).toContain(why);
  };
  await refused(["fsck", "--data", data], "in use by another process");
  await refused(["backup", "--data", data], "--to");
  await refused(["backup", "--data", data, "--to", folder], "exists already");
  await refused(["backup", "--data", data, "--to", join(folder, "no/copy")], "does not exist");
  const file = join(folder, "file");
  writeFileSync(file, "");
  await refused(["backup", "--data", data, "--to", join(file, "copy")], "no directory");
  await refused(["backup", "--data", data, "--to", join(data, "copy")], "within the directory");
  for (const command of ["scrub", "fsck"]) {
    await refused([command, "--data", join(folder, "nothing")], "nothing");
  }
  await refused(["fsck", "--data", join(folder, "nothing")], "is not there: name the right");
  await stop(server);
  await refused(["fsck", "--data", folder], "holds no data: name the right directory with --data");
  writeFileSync(join(data, "FORMAT"), "holdfast 999 00112233445566778899aabbccddeeff\n");
  await refused(["fsck", "--data", data], "has format 999; this version knows format 1");
  expect(readdirSync(folder)).toEqual(["data", "file"]);
});

test("a data directory whose path is too long for a socket's is reached all the same", async () => {
  const data = join(temporaryFolder(), "a".repeat(90), "data");
  const { server } = await filled(data);
  expect(await run(["scrub", "--data", data])).toMatchObject({ status: 0, stderr: "" });
  await stop(server);
});

test("a server that cannot start on a damaged log says what to do, and fsck what would be lost", async () => {
  const data = join(temporaryFolder(), "data");
  const { server } = await filled(data);
  server.signal("SIGKILL");
  await server.ended;
  const log = join(data, "log");
  const path = join(log, readdirSync(log).toSorted().at(-1) ?? "");
  const bytes = readFileSync(path);
  const at = bytes.indexOf("cat 1");
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const refused = await run(["serve", "--data", data, "--listen", "127.0.0.1:0"]);
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("holdfast fsck") });
  const { status, stdout } = await run(["fsck", "--data", data]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/lost {6}if the log were cut at byte \d+ of \d+\.log/);
  expect(stdout).toContain('object "photos/cat 3"');
});

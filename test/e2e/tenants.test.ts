import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { run, serve, temporaryFolder, type Ended } from "./holdfast.ts";

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A server that knows another one as the upstream `ceph`, and a function that runs commands on it. */
async function serveTwo(): Promise<{
  readonly endpoint: string;
  readonly upstreamEndpoint: string;
  readonly data: string;
  readonly holdfast: (line: string) => Promise<Ended>;
  readonly json: (line: string) => Promise<Record<string, unknown>>;
}> {
  const folder = temporaryFolder();
  const upstreamData = join(folder, "upstream");
  const upstream = await serve(["--data", upstreamData, "--buckets", "acme-uploads"]);
  const data = join(folder, "data");
  const config = join(folder, "gateway.yaml");
  writeFileSync(
    config,
    `data: data
buckets: [website, private]
upstreams:
  ceph:
    endpoints: ${upstream.endpoint}
    credentialFile: upstream/root-credential.json
limits:
  addressFailuresPerSecond: 100
  credentialRequestsPerSecond: 20
  credentialConcurrency: 1000
audit:
  retentionDays: 7
  sizeMax: 64MiB
  reads: true
`,
  );
  const { endpoint } = await serve(["--config", config]);
  const holdfast = (line: string): Promise<Ended> => run([...line.split(" "), "--data", data]);
  return {
    endpoint,
    upstreamEndpoint: upstream.endpoint,
    data,
    holdfast,
    json: async (line) => {
      const ended = await holdfast(`${line} --json`);
      expect(ended).toMatchObject({ status: 0, stderr: "" });
      return JSON.parse(ended.stdout);
    },
  };
}

function client(endpoint: string, { accessKeyId, secretAccessKey, sessionToken }: Key): S3Client {
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  const s3 = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
  });
  onTestFinished(() => s3.destroy());
  return s3;
}

function keyOf(made: Record<string, unknown>): Key {
  const { accessKeyId, secretAccessKey, sessionToken } = made;
  return {
    accessKeyId: String(accessKeyId),
    secretAccessKey: String(secretAccessKey),
    ...(typeof sessionToken === "string" && { sessionToken }),
  };
}

const created =
  "credential create --tenant acme --bucket uploads --verbs read,write,list --prefix incoming/ --expires 30d";

test("a tenant's credential works on a bucket that an upstream keeps, within its prefix and verbs, until it is disabled", async () => {
  const { endpoint, upstreamEndpoint, data, holdfast, json } = await serveTwo();
  expect(await holdfast("tenant create acme")).toMatchObject({
    status: 0,
    stdout: "Tenant acme is made.\n",
  });
  const made = await json(created);
  expect(made).toMatchObject({
    tenant: "acme",
    grants: [{ bucket: "uploads", prefix: "incoming/", verbs: ["read", "write", "list"] }],
    disabled: false,
  });
  const days = (Date.parse(String(made["expiresAt"])) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(29.9);
  expect(days).toBeLessThanOrEqual(30);
  expect(await json("bucket attach uploads --upstream ceph --as acme-uploads")).toMatchObject({
    bucket: "uploads",
    upstream: "ceph",
    remoteBucket: "acme-uploads",
  });
  const s3 = client(endpoint, keyOf(made));
  const at = (Key: string) => ({ Bucket: "uploads", Key });
  await s3.send(new PutObjectCommand({ ...at("incoming/a"), Body: "hello" }));
  const { Body } = await s3.send(new GetObjectCommand(at("incoming/a")));
  expect(await Body?.transformToString()).toBe("hello");
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toEqual(["uploads"]);
  await expect(s3.send(new GetObjectCommand(at("other/a")))).rejects.toMatchObject({
    name: "AccessDenied",
  });
  const theirs = keyOf(
    JSON.parse(readFileSync(join(data, "../upstream/root-credential.json"), "utf8")),
  );
  const there = await client(upstreamEndpoint, theirs).send(
    new GetObjectCommand({ Bucket: "acme-uploads", Key: "incoming/a" }),
  );
  expect(await there.Body?.transformToString()).toBe("hello");
  expect(await json("quota recount uploads")).toMatchObject({ objects: 1, usedBytes: 5 });
  const id = String(made["accessKeyId"]);
  expect(await json(`audit query --credential ${id} --operation ListBuckets`)).toMatchObject({
    events: [{ kind: "read", status: 200 }],
  });
  const burst = Array.from({ length: 200 }, () => s3.send(new ListBucketsCommand({})));
  const outcomes = await Promise.allSettled(burst);
  expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
  expect(outcomes).toContainEqual({
    status: "rejected",
    reason: expect.objectContaining({ name: "SlowDown" }),
  });
  const session = keyOf(await json(`credential session ${id} --expires 1h`));
  const again = await client(endpoint, session).send(new GetObjectCommand(at("incoming/a")));
  expect(await again.Body?.transformToString()).toBe("hello");
  await json(`credential disable ${id}`);
  await expect(s3.send(new GetObjectCommand(at("incoming/a")))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 401 },
  });
  expect(await json(`audit query --credential ${id} --reason disabled`)).toMatchObject({
    events: [{ kind: "denied", operation: "GetObject", bucket: "uploads", key: "incoming/a" }],
  });
  const puts = { events: [{ kind: "write", operation: "PutObject", key: "incoming/a" }] };
  for (const which of ["--key incoming/a", "--prefix incoming/"]) {
    expect(await json(`audit query --bucket uploads ${which} --operation PutObject`)).toMatchObject(
      puts,
    );
  }
  expect(await json("audit query --key incoming/")).toEqual({ events: [] });
});

test("every command does what it says, for people and for programs", async () => {
  const { endpoint, holdfast, json } = await serveTwo();
  const says = async (line: string, text: RegExp | string): Promise<void> => {
    const ended = await holdfast(line);
    expect([line, ended.status, ended.stderr]).toEqual([line, 0, ""]);
    expect(ended.stdout).toMatch(text);
  };
  await says("tenant list", /^There is no tenant yet\.\n$/);
  await says("tenant create acme", "Tenant acme is made.");
  await says("tenant list", /^TENANT +STATE +CREATED\nacme +enabled +2\d{3}-.*\n$/);
  await says("tenant disable acme", "Tenant acme is disabled.");
  await says("tenant enable acme", "Tenant acme is enabled.");
  const { accessKeyId } = await json(`${created} --rps 5 --concurrency 2 --description test`);
  await says(
    `credential show ${String(accessKeyId)}`,
    /requests a second +5\n +requests at once +2/,
  );
  await says("credential list --tenant acme", /read,write,list on uploads\/incoming\/\*\n$/);
  await says(`credential enable ${String(accessKeyId)}`, "is enabled");
  await says("bucket attach uploads --upstream ceph --as acme-uploads", "is acme-uploads of ceph");
  await says("bucket attach uploads --upstream ceph --as acme-uploads", "is acme-uploads of ceph");
  await says("bucket list", /^uploads +ceph: acme-uploads +2/m);
  await says("bucket list", /^website +here +2/m);
  await says(
    "quota set private --soft 8GiB --hard 10GiB",
    /soft limit +8 GiB\n +hard limit +10 GiB/,
  );
  await says("quota show private", "hard limit  10 GiB");
  await says("quota recount private", "private holds 0 bytes in 0 objects and 0 uploads");
  await says("quota remove private", "Bucket private has no quota.");
  await says("quota remove private", "Bucket private has no quota.");
  await says("anonymous allow website --rps 20", "Anybody may read website, 20 requests a second");
  await says("anonymous list", /^website +20$/m);
  expect((await fetch(`${endpoint}/website?list-type=2`)).status).toBe(200);
  await says("anonymous deny website", "Nobody may read website without a signature.");
  expect((await fetch(`${endpoint}/website?list-type=2`)).status).toBe(403);
  const rules = join(temporaryFolder(), "cors.json");
  writeFileSync(
    rules,
    '{"rules":[{"allowedOrigins":["https://a.example"],"allowedMethods":["GET"]}]}',
  );
  await says(`cors set website --file ${rules}`, "Bucket website has 1 CORS rules.");
  const preflight = await fetch(`${endpoint}/website/a`, {
    method: "OPTIONS",
    headers: { origin: "https://a.example", "access-control-request-method": "GET" },
  });
  expect(preflight.headers.get("access-control-allow-origin")).toBe("https://a.example");
  await says("cors show website", "https://a.example");
  await says("cors remove website", "Bucket website has no CORS rules.");
  await says("key reseal", "; 0 secrets were sealed anew.");
  await says("key rotate", "; 1 secrets were sealed anew.");
  await says("audit query --since 1h --operation createTenant", /control +createTenant +201/);
  await says("audit export --format csv", /^time,id,kind,operation,/);
  await says("audit export", /"operation":"createTenant"/);
  await says("bucket detach uploads", "is attached to no upstream");
  await says(`credential delete ${String(accessKeyId)}`, "any more");
  await says("tenant delete acme", "There is no tenant acme any more.");
  await says("tenant delete acme", "There is no tenant acme any more.");
});

test("what a server refuses is one sentence and exit 2, and nothing is changed", async () => {
  const { holdfast, json, data } = await serveTwo();
  const refused = async (line: string, message: string): Promise<void> => {
    const ended = await holdfast(line);
    expect([line, ended.status, ended.stdout]).toEqual([line, 2, ""]);
    expect(ended.stderr).toMatch(/^holdfast: [^\n]+: [^\n]+\.\n$/);
    expect(ended.stderr).toContain(message);
  };
  await refused(created, "There is no tenant of this name");
  await refused("tenant disable acme", "holdfast tenant list shows which there are");
  await refused("bucket attach uploads --upstream cph --as a-b", "name it under upstreams");
  await refused("bucket attach website --upstream ceph --as acme-uploads", "exists already");
  await refused("quota show website", "The bucket has no such setting");
  await refused("quota set website", "A limit is missing");
  await refused("quota set website --soft 2GiB --hard 1GiB", "--soft is above --hard");
  await refused("quota recount nothing", "There is no bucket of this name");
  await refused("cors show website", "The bucket has no such setting");
  await refused("cors set website --file no.json", "cannot be read as JSON (ENOENT)");
  await refused("credential show AKIANOBODY", "There is no credential of this access key id");
  await json("tenant create acme");
  await refused("tenant create acme", "Something of this name exists already");
  expect(await json("tenant list")).toMatchObject({ tenants: [{ tenant: "acme" }] });
  const token = join(data, "../wrong-token");
  writeFileSync(token, "x".repeat(43));
  await refused(`tenant list --token-file ${token}`, "carries no valid admin token");
  await refused("tenant list --token-file none", "The token file none cannot be read (ENOENT)");
  const { endpoint, adminEndpoint } = JSON.parse(readFileSync(join(data, "endpoint.json"), "utf8"));
  await refused(`tenant list --admin ${endpoint}`, "not as an admin listener does");
  await refused("tenant list --admin http://127.0.0.1:1", "does not answer (ECONNREFUSED)");
  const tokenFile = join(data, "admin-token");
  const there = `tenant list --json --data /nowhere --admin ${adminEndpoint} --token-file ${tokenFile}`;
  const elsewhere = await run(there.split(" "));
  expect(JSON.parse(elsewhere.stdout)).toMatchObject({ tenants: [{ tenant: "acme" }] });
});

test("without a server the commands say how to have one", async () => {
  const data = join(temporaryFolder(), "data");
  const ended = await run(["tenant", "list", "--data", data]);
  expect(ended).toEqual({
    status: 2,
    stdout: "",
    stderr: `holdfast: No server runs on ${data}: start it with holdfast serve, or name the right one with --data or --admin.\n`,
  });
});

test("what was set is there after a restart, by the same token, and a changed master key is refused", async () => {
  const data = join(temporaryFolder(), "data");
  const first = await serve(["--data", data]);
  const ask = (line: string): Promise<Ended> => run([...line.split(" "), "--data", data, "--json"]);
  await ask("tenant create acme");
  const token = readFileSync(join(data, "admin-token"), "utf8");
  const made = JSON.parse((await ask(created)).stdout);
  first.signal("SIGTERM");
  expect(await first.ended).toMatchObject({ status: 0 });
  const second = await serve(["--data", data]);
  expect(readFileSync(join(data, "admin-token"), "utf8")).toBe(token);
  expect(JSON.parse((await ask("credential list")).stdout)).toMatchObject({
    credentials: [{ accessKeyId: made.accessKeyId }],
  });
  second.signal("SIGTERM");
  await second.ended;
  const [name] = readFileSync(join(data, "master-keys"), "utf8").split(":", 1);
  writeFileSync(join(data, "master-keys"), `${name}:${"A".repeat(43)}\n`);
  const third = await run(["serve", "--data", data, "--listen", "127.0.0.1:0"]);
  expect(third.status).toBe(2);
  expect(third.stderr).toMatch(
    /^holdfast: The control plane does not open, [^\n]+ restore the file of master keys[^\n]+\.\n$/,
  );
});

test("a backup has the tenants and their credentials, made while they are served", async () => {
  const { data, json, holdfast } = await serveTwo();
  await holdfast("tenant create acme");
  const made = await json("credential create --tenant acme --bucket private --verbs read,write");
  const { accessKeyId, secretAccessKey } = made;
  const to = `${data}-copy`;
  expect(await holdfast(`backup --to ${to}`)).toMatchObject({ status: 0 });
  for (const name of ["control.db", "master-keys", "admin-token"]) {
    expect(statSync(join(to, name)).mode & 0o777).toBe(0o600);
  }
  const restored = await serve(["--data", to]);
  const s3 = client(restored.endpoint, {
    accessKeyId: String(accessKeyId),
    secretAccessKey: String(secretAccessKey),
  });
  await s3.send(new PutObjectCommand({ Bucket: "private", Key: "k", Body: "kept" }));
});

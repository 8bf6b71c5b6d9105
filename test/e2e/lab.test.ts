import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { bin, run, serve, serveLab, temporaryFolder, type Served } from "./holdfast.ts";

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A client as anybody would make it: nothing of it knows of a lab. */
function sdk(endpoint: string, { accessKeyId, secretAccessKey }: Credentials): S3Client {
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  onTestFinished(() => client.destroy());
  return client;
}

function credentialsOf({ ready }: Served): Credentials {
  return {
    accessKeyId: String(ready["accessKeyId"]),
    secretAccessKey: String(ready["secretAccessKey"]),
  };
}

/** What a lab says when it is told to stop. */
async function stopped(lab: Served, signal: NodeJS.Signals): Promise<unknown> {
  lab.signal(signal);
  const { status, stdout, stderr } = await lab.ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

const faults = `# What the importer has to survive.
- operation: GetObject
  key: "*.csv"
  times: 2
  then: { error: SlowDown, retryAfter: 0 }
- operation: UploadPart
  part: 3
  after: 1MiB
  reset: true
`;

test("the AWS SDK uses a lab as any endpoint, and the file's faults befall it", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "faults.yaml"), faults);
  const args = ["serve", "--faults", "faults.yaml", "--buckets", "photos", "--seed", "7"];
  const lab = await serveLab([...args, "--status-profile", "aws"], { cwd: folder });
  expect(lab.ready).toEqual({
    event: "ready",
    endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/),
    control: `${lab.endpoint}/-/lab/`,
    faults: 2,
    seed: 7,
    region: "us-east-1",
    statusProfile: "aws",
    buckets: ["photos"],
    accessKeyId: expect.stringMatching(/^AKIA/),
    secretAccessKey: expect.any(String),
  });
  const s3 = sdk(lab.endpoint, credentialsOf(lab));
  const where = { Bucket: "photos", Key: "a.csv" };
  await s3.send(new PutObjectCommand({ ...where, Body: "1,2" }));
  const { Body, $metadata } = await s3.send(new GetObjectCommand(where));
  expect([await Body?.transformToString(), $metadata.attempts]).toEqual(["1,2", 3]);
  await expect(
    sdk(lab.endpoint, { ...credentialsOf(lab), secretAccessKey: "wrong" }).send(
      new GetObjectCommand(where),
    ),
  ).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  expect(await stopped(lab, "SIGTERM")).toEqual({
    event: "stopped",
    unfired: [{ id: 2, place: "faults.yaml:6:3" }],
  });
});

test("faults are set over HTTP and by a header, and a bucket is made as anywhere", async () => {
  const lab = await serveLab(["serve"]);
  const s3 = sdk(lab.endpoint, credentialsOf(lab));
  await s3.send(new CreateBucketCommand({ Bucket: "made" }));
  const set = await fetch(`${lab.endpoint}/-/lab/faults`, {
    method: "POST",
    body: '{"operation":"PutObject","times":9,"then":{"error":"AccessDenied"}}',
  });
  expect([set.status, await set.json()]).toEqual([201, { ids: [1] }]);
  const put = new PutObjectCommand({ Bucket: "made", Key: "k", Body: "1" });
  await expect(s3.send(put)).rejects.toMatchObject({ name: "AccessDenied" });
  const headers = { "x-holdfast-fault": '{"then":{"error":"SlowDown","status":503}}' };
  expect((await fetch(`${lab.endpoint}/made/k`, { headers })).status).toBe(503);
  expect(await stopped(lab, "SIGINT")).toEqual({ event: "stopped", unfired: [] });
});

test("a lab before a gateway breaks what passes, and signatures hold", async () => {
  const env = {
    HOLDFAST_ROOT_ACCESS_KEY_ID: "AKIDEXAMPLE",
    HOLDFAST_ROOT_SECRET_ACCESS_KEY: "a secret of the tests",
  };
  const gateway = await serve(["--data", join(temporaryFolder(), "d"), "--buckets", "b-1"], {
    env,
  });
  const lab = await serveLab(["proxy", "--upstream", gateway.endpoint]);
  expect(lab.ready).toMatchObject({ upstream: gateway.endpoint });
  const s3 = sdk(lab.endpoint, {
    accessKeyId: env.HOLDFAST_ROOT_ACCESS_KEY_ID,
    secretAccessKey: env.HOLDFAST_ROOT_SECRET_ACCESS_KEY,
  });
  const body = JSON.stringify({ operation: "PutObject", after: "commit", reset: true });
  await fetch(`${lab.endpoint}/-/lab/faults`, { method: "POST", body });
  const { $metadata } = await s3.send(
    new PutObjectCommand({ Bucket: "b-1", Key: "k", Body: "kept" }),
  );
  expect($metadata.attempts).toBe(2);
  expect(await (await fetch(`${lab.endpoint}/-/lab/faults`)).json()).toMatchObject([{ fired: 1 }]);
  expect(await stopped(lab, "SIGTERM")).toEqual({ event: "stopped", unfired: [] });
});

test.each([
  [
    "a word nobody knows",
    "- reset: true\n  kye: a",
    /^holdfast: kye in f\.yaml:2:3 is no word of a fault: did you mean key; known are /,
  ],
  [
    "a wrong value deep within",
    '[{"then":{"error":"x y"}}]',
    /^holdfast: then\.error in f\.yaml:1:11 is malformed: it must be an error code, such as SlowDown\.$/m,
  ],
  [
    "no effect",
    "- key: a",
    /^holdfast: The fault at f\.yaml:1:3 cannot be: it does nothing; it needs one of /,
  ],
  ["no list", "reset: true", /^holdfast: f\.yaml holds no list of faults: write each as in /],
  ["broken YAML", "- {", /^holdfast: f\.yaml:\d:\d is not valid YAML or JSON: mend it there /],
  [
    "aliases without end",
    `- key: [&a [${"x,".repeat(9)}], &b [${"*a,".repeat(9)}], &c [${"*b,".repeat(9)}], [${"*c,".repeat(9)}]]`,
    /^holdfast: The fault at f\.yaml:1:3 has aliases that cannot be followed: /,
  ],
])(
  "a file of faults with %s is refused, by its place and with what to do",
  async (_what, text, says) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "f.yaml"), text);
    const { status, stdout, stderr } = await run(["lab", "serve", "--faults", "f.yaml"], {
      cwd: folder,
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(says);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  },
);

test("a port in use and an unknown upstream are refused", async () => {
  const lab = await serveLab(["serve"]);
  const { port } = new URL(lab.endpoint);
  const taken = await run(["lab", "serve", "--port", port]);
  expect([taken.status, taken.stderr]).toEqual([
    2,
    expect.stringContaining("choose another port with --port"),
  ]);
  const none = await run(["lab", "proxy", "--upstream", "127.0.0.1:9000"]);
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining("a URL without a path")]);
});

test("a server that is not there is said, and broken connections until it is", async () => {
  const lab = await serveLab(["proxy", "--upstream", "http://127.0.0.1:9"]);
  await lab.printsOnStderr("nothing listens at http://127.0.0.1:9 (ECONNREFUSED)");
  await expect(fetch(`${lab.endpoint}/b/k`)).rejects.toThrow(TypeError);
});

test("an address that others reach is served with a warning", async () => {
  const lab = await serveLab(["serve", "--host", "0.0.0.0"]);
  await lab.printsOnStderr("whoever reaches it may set faults and knows its credentials");
  expect((await fetch(`http://127.0.0.1:${new URL(lab.endpoint).port}/-/lab/faults`)).status).toBe(
    200,
  );
});

const noCurl = spawnSync("curl", ["--version"]).error !== undefined;

test.skipIf(noCurl)("the commands that a lab prints work as pasted", async () => {
  const folder = temporaryFolder();
  const { PATH = "" } = process.env;
  // The lab, what it printed pasted into a shell, and the lab told to stop.
  const script = `
'${process.execPath}' '${bin}' lab serve --port 0 > said 2> warned & lab=$!
until grep -q 'Ctrl+C' said; do sleep 0.05; done
grep -E '^(unset|export|curl)' said > pasted; grep -c . pasted; set +e
. ./pasted > answered 2> /dev/null; echo "curl $?"
kill -TERM $lab; wait $lab; echo "lab $?"`;
  const done = spawnSync("/bin/sh", ["-c", script], {
    cwd: folder,
    env: { PATH },
    encoding: "utf8",
  });
  expect(done.stdout.trim().split("\n")).toEqual(["14", "curl 0", "lab 0"]);
});

const loadsLab = `data:text/javascript,${encodeURIComponent(`
import { register } from "node:module";
const hooks = 'export async function load(url, context, next) { if (/packages.lab.dist/.test(url)) process._rawDebug("loaded " + url); return next(url, context); }';
register("data:text/javascript," + encodeURIComponent(hooks));`)}`;

test("a gateway that was not started as a lab knows no faults, no pages of a lab, and loads none of it", async () => {
  const env = { NODE_OPTIONS: `--import=${loadsLab}` };
  const data = join(temporaryFolder(), "d");
  const gateway = await serve(["--data", data, "--buckets", "photos"], { env });
  const plain = await fetch(`${gateway.endpoint}/photos/k`);
  const headers = { "x-holdfast-fault": '{"then":{"error":"SlowDown","status":599}}' };
  const told = await fetch(`${gateway.endpoint}/photos/k`, { headers });
  expect([told.status, told.status]).toEqual([plain.status, 403]);
  for (const page of ["faults", "requests", "reset", "skew"]) {
    const answer = await fetch(`${gateway.endpoint}/-/lab/${page}`, { method: "POST", body: "[]" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).toContain("<Error>");
  }
  gateway.signal("SIGTERM");
  expect((await gateway.ended).stderr).not.toContain("loaded");
  // The same look does see a lab where there is one.
  const lab = await serveLab(["serve"], { env });
  lab.signal("SIGTERM");
  expect((await lab.ended).stderr).toContain("loaded");
});

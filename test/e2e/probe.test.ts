import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, serve, serveLab, temporaryFolder } from "./holdfast.ts";

/** A client of somebody's own: it says that everything is well, whatever happened. */
const liar = `
export const liar = {
  name: "liar",
  version: async () => "1.0.0",
  actions: ["get", "put"],
  open: async () => ({ act: async () => "all is well", close: async () => {} }),
};
`;

test("a client that tells the truth passes, and the report is written in each form", async () => {
  const cwd = temporaryFolder();
  const args = ["probe", "client", "@holdfast/client", "--scenario", "a,b/wrong-secret"];
  const told = await run([...args, "--report", "p.md,p.json,p.html"], { cwd });
  expect(told).toMatchObject({ status: 0, stderr: "" });
  expect(told.stdout).toContain("2 pass, 0 diverges, 0 not driven, 0 not fired");
  expect(readdirSync(cwd).toSorted()).toEqual(["p.html", "p.json", "p.md"]);
  expect(readFileSync(join(cwd, "p.md"), "utf8")).toContain("| @holdfast/client | 0.1.0 | 2 | 0 |");
  expect(readFileSync(join(cwd, "p.html"), "utf8")).toContain('<td class="pass">pass</td>');
  const written: unknown = JSON.parse(readFileSync(join(cwd, "p.json"), "utf8"));
  const again = await run([...args, "--json"], { cwd });
  const ofAnyDate = { date: expect.any(String) };
  expect(JSON.parse(again.stdout)).toEqual(Object.assign(Object(written), ofAnyDate));
});

test("a client of one's own that lies is exit 1, beside one that does not", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "liar.mjs"), liar);
  const args = ["probe", "client", "./liar.mjs", "@holdfast/client", "--scenario", "a"];
  const { status, stdout } = await run(args, { cwd });
  expect(status).toBe(1);
  expect(stdout).toContain("liar 1.0.0: 0 pass, 1 diverges");
  expect(stdout).toContain("\nlies: liar (a)\n");
});

test("a scenario that a client has no call for is no divergence and no pass", async () => {
  const args = ["probe", "client", "@holdfast/client", "--scenario"];
  const { status, stdout } = await run([...args, "a,e"]);
  expect(status).toBe(0);
  expect(stdout).toContain("1 pass, 0 diverges, 1 not driven");
  const none = await run([...args, "e"]);
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining("was not asked: ")]);
});

test("a client that cannot be loaded was not asked, which is no success", async () => {
  const { status, stderr } = await run(["probe", "client", "./none.mjs", "--scenario", "a"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^holdfast: \.\/none\.mjs was not asked: /);
});

test.each([
  [["@holdfast/cleint"], "did you mean @holdfast/client"],
  [[], "NAME|MODULE is missing: write holdfast probe client NAME|MODULE..."],
  [["@holdfast/client", "--scenario", "zz"], '"zz" is no scenario: '],
  [["@holdfast/client", "--report", "p.txt"], "files that end in .md, .json, .html"],
  [["@holdfast/client", "--report", "no/folder/p.md"], "no/folder/p.md cannot be written (ENOENT)"],
  [["@holdfast/client", "--seed", "x"], '--seed is "x": it must be a whole number'],
])("probe client %j is refused and nobody is asked", async (args, says) => {
  const { status, stdout, stderr } = await run(["probe", "client", ...args]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(says);
});

const root = {
  HOLDFAST_ROOT_ACCESS_KEY_ID: "AKIDEXAMPLE",
  HOLDFAST_ROOT_SECRET_ACCESS_KEY: "a secret of the tests",
};
const signer = {
  AWS_ACCESS_KEY_ID: root.HOLDFAST_ROOT_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY: root.HOLDFAST_ROOT_SECRET_ACCESS_KEY,
  AWS_EC2_METADATA_DISABLED: "true",
};

test("a gateway that answers as AWS does has no divergence, with credentials of the environment or a profile", async () => {
  const data = join(temporaryFolder(), "d");
  const server = await serve(["--data", data, "--status-profile", "aws"], { env: root });
  const probed = await run(["probe", "endpoint", server.endpoint], { env: signer });
  expect(probed).toMatchObject({ status: 0, stderr: "" });
  expect(probed.stdout).toMatch(/: 40 pass, 0 diverges, 0 not driven, 0 not fired\n/);
  const file = join(temporaryFolder(), "credentials");
  writeFileSync(
    file,
    `[probe]\naws_access_key_id = ${signer.AWS_ACCESS_KEY_ID}\naws_secret_access_key = ${signer.AWS_SECRET_ACCESS_KEY}\n`,
  );
  const args = ["probe", "endpoint", server.endpoint, "--profile", "probe", "--scenario", "range"];
  const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: "/dev/null" };
  expect((await run(args, { env })).status).toBe(0);
});

test("a gateway of documented statuses diverges in those, and in nothing else", async () => {
  const server = await serve(["--data", join(temporaryFolder(), "d")], { env: root });
  const args = ["probe", "endpoint", server.endpoint, "--json"];
  const { status, stdout } = await run(args, { env: signer });
  expect(status).toBe(1);
  const { findings }: { findings: { id: string; verdict: { is: string } }[] } = JSON.parse(stdout);
  const diverging = findings.flatMap(({ id, verdict }) => (verdict.is === "diverges" ? [id] : []));
  expect(diverging).toEqual(["wrong-secret", "unknown-access-key", "method"]);
});

test("a lab that is told to lie diverges", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "f.yaml"), "- { operation: GetObject, then: { document: html } }");
  const lab = await serveLab(["serve", "--faults", "f.yaml", "--status-profile", "aws"], { cwd });
  const env = {
    AWS_ACCESS_KEY_ID: String(lab.ready["accessKeyId"]),
    AWS_SECRET_ACCESS_KEY: String(lab.ready["secretAccessKey"]),
  };
  const args = ["probe", "endpoint", lab.endpoint, "--report", "e.html"];
  const { status, stdout } = await run(args, { env, cwd });
  expect(status).toBe(1);
  expect(stdout).toContain(`\nloses the name: ${lab.endpoint} (missing-key)\n`);
  expect(readFileSync(join(cwd, "e.html"), "utf8")).toContain("diverges: loses the name");
});

test.each([
  [["http://127.0.0.1:9"], "cannot be asked: no bucket could be made there (ECONNREFUSED)"],
  [["http://127.0.0.1:9/path"], "a URL without a path"],
  [[], "URL is missing"],
  [["http://127.0.0.1:9", "--scenario", "missing-kye"], "did you mean missing-key"],
  [["http://127.0.0.1:9", "--bucket", "A"], '--bucket is "A": it must be a bucket\'s name'],
])("probe endpoint %j is refused and says why", async (args, says) => {
  const { status, stdout, stderr } = await run(["probe", "endpoint", ...args], { env: signer });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(says);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("without credentials an endpoint is not asked", async () => {
  const home = temporaryFolder();
  const env = { HOME: home, AWS_EC2_METADATA_DISABLED: "true" };
  const { status, stderr } = await run(["probe", "endpoint", "http://127.0.0.1:9"], { env });
  expect([status, stderr]).toEqual([2, expect.stringContaining("no credentials to sign with")]);
});

const stores = `backends:
  cloud: { type: s3, bucket: photos, endpoint: "https://s3.example.com", attemptsMax: "\${TRIES}" }
  disk: { type: local, root: . }
stores:
  albums: { backend: cloud, root: albums }
  drafts: { backend: disk }
`;

test("the stores of a config are asked as they are configured, and those that are not of S3 say so", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "stores.yaml"), stores);
  const args = ["probe", "store", "stores.yaml", "--scenario", "a,b,e", "--json"];
  const { status, stdout, stderr } = await run(args, { cwd, env: { TRIES: "2" } });
  expect(status).toBe(0);
  expect(stderr).toBe(
    "holdfast: drafts of stores.yaml was not asked: its backend is not S3, and a lab speaks nothing else\n",
  );
  const { subjects }: { subjects: { name: string; findings: { verdict: { is: string } }[] }[] } =
    JSON.parse(stdout);
  expect(
    subjects.map(({ name, findings }) => [name, ...findings.map(({ verdict }) => verdict.is)]),
  ).toEqual([
    ["albums of stores.yaml", "pass", "pass", "pass"],
    ["drafts of stores.yaml", "not driven", "not driven", "not driven"],
  ]);
});

test.each([
  ["backends: {}\nstoers: {}\n", "did you mean stores"],
  ["backends: {\n", "s.yaml:2:1: this is no YAML"],
  [stores, "TRIES"],
])("a config that is none is refused by its own words: %j", async (text, says) => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "s.yaml"), text);
  const { status, stdout, stderr } = await run(["probe", "store", "s.yaml"], { cwd });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(says);
});

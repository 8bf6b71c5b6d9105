import { chmodSync, opendirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Credentials } from "./credentials.ts";
import { failureOf } from "./failure-of.test.support.ts";
import { fromSharedFiles, sharedFilesSource } from "./from-shared-files.ts";
import type { SharedFilesOptions } from "./shared-files.ts";
import { temporaryFiles, type TemporaryFiles } from "./temporary-files.test.support.ts";

let files: TemporaryFiles;
beforeEach(() => {
  files = temporaryFiles();
});
afterEach(() => files.remove());

interface Texts {
  readonly config?: string;
  readonly credentials?: string;
}

/** Options that see these two files and nothing of this machine. */
function written({ config, credentials }: Texts, profile?: string): SharedFilesOptions {
  const environment = {
    HOME: files.directory,
    AWS_CONFIG_FILE: `${files.directory}/config`,
    AWS_SHARED_CREDENTIALS_FILE: `${files.directory}/credentials`,
  };
  if (config !== undefined) files.write("config", config);
  if (credentials !== undefined) files.write("credentials", credentials);
  return { environment, profile };
}

const found = (texts: Texts, profile?: string): Promise<Credentials> =>
  fromSharedFiles(written(texts, profile))();

const keys = (id: string, more = ""): string =>
  `aws_access_key_id = ${id}\naws_secret_access_key = s3cr3t\n${more}\n`;

const parts = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials): unknown[] => [
  accessKeyId,
  secretAccessKey,
  sessionToken,
];

describe("keys of a profile", () => {
  test("are those of the default one, in the credentials file before those in the config file", async () => {
    const config = `[default]\n${keys("config", "aws_session_token = t0k3n")}`;
    expect(parts(await found({ config }))).toEqual(["config", "s3cr3t", "t0k3n"]);
    // The session's token belongs to the keys that it stands with.
    const credentials = `[default]\n${keys("credentials")}`;
    expect(parts(await found({ config, credentials }))).toEqual([
      "credentials",
      "s3cr3t",
      undefined,
    ]);
  });

  test.each([
    ["plain", "[profile x]"],
    ["quoted", '[profile "x"]'],
    ["far away", "[ profile \t x ] ; comment"],
  ])("are found by the name, %s", async (_, section) => {
    const config = `[x]\n${keys("wrong")}${section}\n${keys("right")}`;
    expect((await found({ config }, "x")).accessKeyId).toBe("right");
    const { environment } = written({ config });
    const named = { environment: { ...environment, AWS_PROFILE: "x" } };
    expect((await fromSharedFiles(named)()).accessKeyId).toBe("right");
  });

  test("[profile default] goes before [default]; in the credentials file no name has a kind", async () => {
    const config = `[profile default]\n${keys("right")}[default]\n${keys("wrong")}`;
    expect((await found({ config })).accessKeyId).toBe("right");
    const credentials = `[profile x]\n${keys("wrong")}[x]\n${keys("right")}`;
    expect((await found({ credentials }, "x")).accessKeyId).toBe("right");
  });

  test("are read anew each time", async () => {
    const provider = fromSharedFiles(written({ credentials: `[default]\n${keys("one")}` }));
    expect((await provider()).accessKeyId).toBe("one");
    files.write("credentials", `[default]\n${keys("two")}`);
    expect((await provider()).accessKeyId).toBe("two");
  });

  test("in files below ~ and below the home directory", async () => {
    const credentialsFile = "~/mine";
    files.write("mine", `[default]\n${keys("right")}`);
    const environment = { HOME: files.directory };
    const provider = fromSharedFiles({ environment, credentialsFile });
    expect((await provider()).accessKeyId).toBe("right");
  });
});

describe("what is wrong is told with its file and line", () => {
  test.each([
    ["half a pair", "[default]\naws_access_key_id = A", "config:2"],
    ["the other half", "[default]\n\naws_secret_access_key = s3cr3t", "config:3"],
    ["no setting", "[default]\ns3cr3t", "config:2"],
    ["an empty program", "[default]\ncredential_process =", "config:2"],
    ["a program for a shell", "[default]\ncredential_process = x | s3cr3t", "config:2"],
    ["an open quote", '[default]\ncredential_process = x "s3cr3t', "config:2"],
  ])("%s", async (_, config, where) => {
    const failure = await failureOf(found({ config }));
    expect(failure.fields.code).toBe("InvalidConfiguration");
    expect(failure.message).toContain(`${files.directory}/${where}: `);
  });

  test("halves of two files are no pair", async () => {
    const config = "[default]\naws_secret_access_key = s3cr3t";
    const credentials = "[default]\naws_access_key_id = A";
    const failure = await failureOf(found({ config, credentials }));
    expect(failure.message).toContain(`${files.directory}/credentials:2: `);
  });

  test("a profile that was asked for and is nowhere", async () => {
    const failure = await failureOf(found({ credentials: `[y]\n${keys("A")}` }, "x"));
    expect(failure.fields.code).toBe("InvalidConfiguration");
    expect(failure.message).toContain(`"x"`);
  });

  test.each([
    ["missing", (path: string) => path],
    ["a directory", () => files.directory],
    ["not UTF-8", () => files.write("x", "[\u00ff]", "latin1")],
    ["endless", () => "/dev/zero"],
  ])("a file that was given and is %s", async (_, pathOf) => {
    const configFile = pathOf(`${files.directory}/none`);
    const failure = await failureOf(fromSharedFiles({ ...written({}), configFile })());
    expect(failure.fields.code).toBe("InvalidConfiguration");
    expect(failure.message).toContain(configFile);
  });
});

/** Asked of `access`, the answer would be about the real user. */
function canEnter(directory: string): boolean {
  try {
    opendirSync(directory).closeSync();
    return true;
  } catch {
    return false;
  }
}

describe("as another user", () => {
  const root = process.geteuid?.() === 0;
  beforeEach(() => {
    if (root) process.seteuid?.(65_534);
  });
  afterEach(() => {
    if (root) process.seteuid?.(0);
  });

  test("a home that is closed to this process has no files", async ({ skip }) => {
    if (!root) skip("only root can be somebody else");
    const source = sharedFilesSource({ environment: { HOME: files.directory } });
    expect(await source.find()).toHaveProperty("absent");
  });

  test("a file that is there and closed to this process is not passed over", async ({ skip }) => {
    if (!root) skip("only root can be somebody else");
    process.seteuid?.(0);
    const options = written({ credentials: `[default]\n${keys("A")}` });
    chmodSync(files.directory, 0o755);
    process.seteuid?.(65_534);
    if (!canEnter(files.directory)) skip("the temporary directory is closed to other users");
    const failure = await failureOf(fromSharedFiles(options)());
    expect(failure.fields).toMatchObject({
      code: "InvalidConfiguration",
      cause: { code: "EACCES" },
    });
  });
});

describe("what has none is absent, and what would need another service is refused with what to do", () => {
  test.each<readonly [string, Texts]>([
    ["no file", {}],
    ["no default profile", { config: "[profile x]\nregion = a" }],
    ["a profile without credentials", { config: "[default]\nregion = a" }],
  ])("%s", async (_, texts) => {
    expect(await sharedFilesSource(written(texts)).find()).toHaveProperty("absent");
    const failure = await failureOf(found(texts));
    expect(failure.fields.code).toBe("CredentialsUnavailable");
  });

  test.each([
    ["a role of another profile", `role_arn = arn:x\nsource_profile = y\n${keys("A")}`],
    ["a role of the machine", "role_arn = arn:x\ncredential_source = Environment"],
    ["SSO", "sso_session = x"],
    ["SSO of old", "sso_start_url = https://x"],
    ["a login", "login_session = x"],
  ])("%s", async (_, settings) => {
    const failure = await failureOf(found({ config: `[default]\n${settings}` }));
    expect(failure.fields.code).toBe("CredentialsUnavailable");
    expect(failure.message).toContain(`${files.directory}/config:2: `);
    expect(failure.message).toContain("@aws-sdk/credential-provider-node");
  });
});

describe("credential_process", () => {
  const node = `"${process.execPath}"`;
  const running = (script: string, ...args: string[]): string => {
    const path = files.write("program.mjs", script);
    return `[default]\ncredential_process = ${[node, path, ...args].join(" ")}\n`;
  };
  const document = {
    Version: 1,
    AccessKeyId: "A",
    SecretAccessKey: "s3cr3t",
    SessionToken: "t0k3n",
    Expiration: "2030-01-01T00:00:00Z",
  };
  const prints = (value: unknown): string =>
    `process.stdout.write(${JSON.stringify(JSON.stringify(value))})`;

  test("is run, and what it prints is read", async () => {
    const got = await found({ config: running(prints(document)) });
    expect(parts(got)).toEqual(["A", "s3cr3t", "t0k3n"]);
    expect(got.expiration).toEqual(new Date(Date.UTC(2030, 0)));
  });

  test("is given its arguments as a shell would split them, and no input", async () => {
    const script = `
      const input = await new Response(process.stdin).text().catch(() => "");
      const [node, file, ...args] = process.argv;
      const secret = JSON.stringify([input, ...args]);
      console.log(JSON.stringify({ Version: 1, AccessKeyId: "A", SecretAccessKey: secret }));`;
    const args = ["a\tb", `"c d"e'f "g'`, String.raw`h\ i`, String.raw`"j\"k\\l\m"`, `''`];
    const got = await found({ config: running(script, ...args) });
    expect(JSON.parse(got.secretAccessKey)).toEqual([
      "",
      "a",
      "b",
      'c def "g',
      "h i",
      String.raw`j"k\l\m`,
      "",
    ]);
  });

  test.each([
    ["fails", "console.log('s3cr3t'); console.error('t0k3n'); process.exitCode = 3"],
    ["prints no JSON", "console.log('s3cr3t')"],
    ["prints an unknown version", prints({ ...document, Version: 2 })],
    ["prints too little", prints({ Version: 1, AccessKeyId: "t0k3n" })],
    ["prints without end", "for (;;) process.stdout.write('s3cr3t'.repeat(10000))"],
    ["kills itself", "process.kill(process.pid, 'SIGKILL')"],
  ])("that %s gives nothing, and tells nothing", async (_, script) => {
    const failure = await failureOf(found({ config: running(script, "t0k3n") }));
    expect(failure.fields.code).toBe("CredentialsUnavailable");
    expect(failure.message).toContain(`${files.directory}/config:2: `);
  });

  test("that is not there gives nothing, and tells nothing", async () => {
    const config = "[default]\ncredential_process = /none/of/these t0k3n";
    const failure = await failureOf(found({ config }));
    expect(failure.fields.code).toBe("CredentialsUnavailable");
    expect(failure.message).toContain("ENOENT");
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client, Driver, Target } from "../client.ts";
import { attempt, run } from "../run.ts";
import { environment, type Session } from "../session.ts";
import type { Says } from "../steps.ts";

const uri = ({ bucket, key }: Target): string => `s3://${bucket}/${key}`;

/** s3cmd prints the code after the status, or a sentence of its own; its exit status says which family it is. */
const printed = /S3 error: \d{3} \((\w+)\)/;
const own = /Source object '[^']*' (does not exist)/;

function configure(session: Session): string {
  const { host } = new URL(session.url);
  const file = join(session.home, `s3cfg-${session.accessKeyId}-${session.secretAccessKey.length}`);
  const lines = [
    "[default]",
    `access_key = ${session.accessKeyId}`,
    `secret_key = ${session.secretAccessKey}`,
    `host_base = ${host}`,
    `host_bucket = ${host}`,
    `bucket_location = ${session.region}`,
    "use_https = False",
    "signature_v2 = False",
    "max_retries = 1",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return file;
}

function open(session: Session): Driver {
  const config = configure(session);
  const command = (args: readonly string[]) => ({
    file: "/usr/bin/s3cmd",
    args: ["--config", config, "--no-progress", ...args],
    env: environment(session),
  });
  const s3cmd = (...args: readonly string[]): Promise<string> => run(command(args));
  return {
    createBucket: async (bucket) => void (await s3cmd("mb", `s3://${bucket}`)),
    removeBucket: async (bucket) => void (await s3cmd("rb", `s3://${bucket}`)),
    put: async (target, file) =>
      void (await s3cmd("put", "--disable-multipart", file, uri(target))),
    get: async (target, file) => void (await s3cmd("get", "--force", uri(target), file)),
    head: async (target) =>
      Number(/File size:\s+(\d+)/.exec(await s3cmd("info", uri(target)))?.[1] ?? Number.NaN),
    list: async (bucket) => {
      const prefix = `s3://${bucket}/`;
      return (await s3cmd("ls", "--recursive", prefix))
        .split("\n")
        .filter((line) => line.includes(prefix))
        .map((line) => line.slice(line.indexOf(prefix) + prefix.length));
    },
    multipart: async (target, file) =>
      void (await s3cmd("put", "--multipart-chunk-size-mb=8", file, uri(target))),
    copy: async (target, source) =>
      void (await s3cmd("cp", uri({ bucket: target.bucket, key: source }), uri(target))),
    presign: async (target) => (await s3cmd("signurl", uri(target), "+3600")).trim(),
    remove: async (target) => void (await s3cmd("del", uri(target))),
    empty: async (bucket) => void (await s3cmd("del", "--recursive", "--force", `s3://${bucket}`)),
    refusal: async ({ bucket, key }) => {
      const args =
        key === undefined
          ? ["ls", `s3://${bucket}`]
          : ["get", uri({ bucket, key }), "/dev/null", "--force"];
      const { status, stderr } = await attempt(command(args));
      const said = printed.exec(stderr)?.[1] ?? own.exec(stderr)?.[1] ?? stderr;
      return `exit ${status} (${said})`;
    },
  };
}

/** s3cmd derives its exit status from the HTTP status, and has one for 403 only. */
const byStatus = (code: string): Says => ({
  documented: `exit 70 (${code})`,
  aws: `exit 77 (${code})`,
});

/** s3cmd. */
export const s3cmd: Client = {
  name: "s3cmd",
  needs: "s3cmd",
  version: async (session) =>
    (await run({ file: "/usr/bin/s3cmd", args: ["--version"], env: environment(session) }))
      .replace("s3cmd version ", "")
      .trim(),
  open,
  reports: {
    "missing-key": "exit 64 (does not exist)",
    "missing-bucket": "exit 12 (NoSuchBucket)",
    "wrong-secret": byStatus("SignatureDoesNotMatch"),
    "unknown-key-id": byStatus("InvalidAccessKeyId"),
  },
  cannot: {
    "presign:get": "s3cmd signs URLs with signature version 2 only",
    "presign:put": "s3cmd signs URLs with signature version 2 only",
  },
};

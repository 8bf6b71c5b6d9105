import type { Client, Driver, Target } from "../client.ts";
import { encodeKey } from "../raw-request.ts";
import { attempt, run } from "../run.ts";
import { environment, type Session } from "../session.ts";

interface Listing {
  readonly Contents?: readonly { readonly Key: string }[];
}

/** The CLI prints its one structured fact, the code, in parentheses before the operation's name. */
const printedCode = /An error occurred \((\w+)\) when calling the \w+ operation/;

const at = ({ bucket, key }: Target): readonly string[] => ["--bucket", bucket, "--key", key];

function open(session: Session): Driver {
  const command = (args: readonly string[]) => ({
    file: "/usr/bin/aws",
    args: ["--endpoint-url", session.url, "--output", "json", ...args],
    env: environment(session),
  });
  const api = (...args: readonly string[]): Promise<string> => run(command(["s3api", ...args]));
  return {
    createBucket: async (bucket) => void (await api("create-bucket", "--bucket", bucket)),
    removeBucket: async (bucket) => void (await api("delete-bucket", "--bucket", bucket)),
    put: async (target, file) => void (await api("put-object", ...at(target), "--body", file)),
    get: async (target, file) => void (await api("get-object", ...at(target), file)),
    head: async (target) => {
      const { ContentLength }: { ContentLength: number } = JSON.parse(
        await api("head-object", ...at(target)),
      );
      return ContentLength;
    },
    list: async (bucket) => {
      const { Contents = [] }: Listing = JSON.parse(
        (await api("list-objects-v2", "--bucket", bucket)) || "{}",
      );
      return Contents.map(({ Key }) => Key);
    },
    multipart: async ({ bucket, key }, file) =>
      void (await run(command(["s3", "cp", "--no-progress", file, `s3://${bucket}/${key}`]))),
    copy: async (target, source) =>
      void (await api(
        "copy-object",
        ...at(target),
        "--copy-source",
        encodeKey(`${target.bucket}/${source}`),
      )),
    presign: async ({ bucket, key }) =>
      (await run(command(["s3", "presign", `s3://${bucket}/${key}`]))).trim(),
    remove: async (target) => void (await api("delete-object", ...at(target))),
    empty: async (bucket) =>
      void (await run(command(["s3", "rm", "--quiet", "--recursive", `s3://${bucket}`]))),
    refusal: async ({ bucket, key }) => {
      const args =
        key === undefined
          ? ["list-objects-v2", "--bucket", bucket]
          : ["get-object", ...at({ bucket, key }), "/dev/null"];
      const { status, stderr } = await attempt(command(["s3api", ...args]));
      return `exit ${status} (${printedCode.exec(stderr)?.[1] ?? stderr})`;
    },
  };
}

/** The AWS CLI. */
export const awscli: Client = {
  name: "awscli",
  needs: "awscli",
  version: async (session) =>
    (await run({ file: "/usr/bin/aws", args: ["--version"], env: environment(session) })).replace(
      /^aws-cli\/(\S+).*$/s,
      "$1",
    ),
  open,
  reports: {
    "missing-key": "exit 254 (NoSuchKey)",
    "missing-bucket": "exit 254 (NoSuchBucket)",
    "wrong-secret": "exit 254 (SignatureDoesNotMatch)",
    "unknown-key-id": "exit 254 (InvalidAccessKeyId)",
  },
  cannot: { "presign:put": "the AWS CLI presigns GET only" },
};

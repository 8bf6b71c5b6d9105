import type { Client, Driver, Target } from "../client.ts";
import { type Ran, attempt, run } from "../run.ts";
import { environment, type Session } from "../session.ts";

const path = ({ bucket, key }: Target): string => `R:${bucket}/${key}`;

/** The codes rclone shows are those of its SDK: of the first generation up to 1.67, of the second after. */
const printedCode = /api error (\w+):|(?:: |^)([A-Z][A-Za-z]+): [^\n]*\n\s+status code: \d{3}/m;

function reported({ status, stderr }: Ran): string {
  const [, second, first] = printedCode.exec(stderr) ?? [];
  const code = second ?? first;
  const words = /(?:directory|object) not found/.exec(stderr)?.[0];
  return `exit ${status} (${code ?? words ?? stderr})`;
}

function open(session: Session): Driver {
  const command = (args: readonly string[]) => ({
    file: "/usr/bin/rclone",
    args: ["--retries", "1", "--low-level-retries", "1", "--config", "/dev/null", ...args],
    env: {
      ...environment(session),
      RCLONE_CONFIG_R_TYPE: "s3",
      RCLONE_CONFIG_R_PROVIDER: "Other",
      RCLONE_CONFIG_R_ENDPOINT: session.url,
      RCLONE_CONFIG_R_REGION: session.region,
      RCLONE_CONFIG_R_ACCESS_KEY_ID: session.accessKeyId,
      RCLONE_CONFIG_R_SECRET_ACCESS_KEY: session.secretAccessKey,
    },
  });
  const rclone = (...args: readonly string[]): Promise<string> => run(command(args));
  return {
    createBucket: async (bucket) => void (await rclone("mkdir", `R:${bucket}`)),
    removeBucket: async (bucket) => void (await rclone("rmdir", `R:${bucket}`)),
    put: async (target, file) => void (await rclone("copyto", file, path(target))),
    get: async (target, file) =>
      void (await rclone("copyto", "--ignore-times", path(target), file)),
    head: async (target) => {
      const { Size }: { Size: number } = JSON.parse(await rclone("lsjson", "--stat", path(target)));
      return Size;
    },
    list: async (bucket) => {
      const found: { Path: string }[] = JSON.parse(
        await rclone("lsjson", "-R", "--files-only", `R:${bucket}`),
      );
      return found.map(({ Path }) => Path);
    },
    multipart: async (target, file) => {
      const cut = ["--s3-upload-cutoff", "5M", "--s3-chunk-size", "8M"];
      await rclone("copyto", ...cut, file, path(target));
    },
    copy: async (target, source) =>
      void (await rclone("copyto", path({ bucket: target.bucket, key: source }), path(target))),
    presign: async (target) => (await rclone("link", "--expire", "1h", path(target))).trim(),
    remove: async (target) => void (await rclone("deletefile", path(target))),
    empty: async (bucket) => void (await rclone("delete", `R:${bucket}`)),
    refusal: async ({ bucket, key }) =>
      reported(
        await attempt(
          command(key === undefined ? ["lsf", `R:${bucket}`] : ["link", path({ bucket, key })]),
        ),
      ),
  };
}

/** rclone. */
export const rclone: Client = {
  name: "rclone",
  needs: "rclone",
  version: async (session) => {
    const printed = await run({
      file: "/usr/bin/rclone",
      args: ["version"],
      env: environment(session),
    });
    return printed.replace(/^rclone v(\S+).*$/s, "$1");
  },
  open,
  reports: {
    "missing-key": "exit 4 (object not found)",
    "missing-bucket": "exit 3 (directory not found)",
    "wrong-secret": "exit 1 (SignatureDoesNotMatch)",
    "unknown-key-id": "exit 1 (InvalidAccessKeyId)",
  },
  cannot: {
    "key:dot-segments": "rclone cleans its own paths, so empty and dot segments never leave it",
    "key:leading-slash": "rclone strips a leading slash before it sends the key",
    "presign:put": "rclone links for GET only",
  },
};

import { ConfigError } from "../config/config-error.ts";
import { errorCode } from "../error-code.ts";

const notWritable = [
  "may not be written by this user",
  "change its owner, or choose another with --data",
] as const;
const damaged = [
  "is damaged and was left as it is",
  "holdfast fsck says what would be lost; check the disk, and serve a copy that holdfast backup made",
] as const;

const unknown = [
  "was not written by a version that this one knows",
  "serve it with the version that wrote it, or choose another directory with --data",
] as const;

/** By the engine's code or the errno: what is wrong, and what to do. */
const known = new Map<string, readonly [problem: string, mend: string]>([
  [
    "DIRECTORY_IN_USE",
    ["is in use by another process", "stop that one, or choose another directory with --data"],
  ],
  ["NO_DATA", ["holds no data", "name the right directory with --data"]],
  ["ENOENT", ["is not there", "name the right directory with --data"]],
  ["UNKNOWN_FORMAT", unknown],
  ["LOG_DAMAGED", damaged],
  ["INDEX_DAMAGED", damaged],
  ["EACCES", notWritable],
  ["EPERM", notWritable],
  [
    "EROFS",
    [
      "is on a disk that is mounted read-only",
      "mount it to be written, or choose another with --data",
    ],
  ],
  ["ENOTDIR", ["is no directory", "choose another path with --data"]],
  ["EEXIST", ["is no directory", "choose another path with --data"]],
  ["ENOSPC", ["is on a disk that is full", "free space, or choose another with --data"]],
]);

/** What an operator can do about a data directory that does not open; any other failure as it is. */
export function openFailure(cause: unknown, directory: string): unknown {
  const code = codeOf(cause);
  if (code === undefined) return cause;
  const failure = known.get(code) ?? [
    `cannot be opened (${code})`,
    "check the path and its disk, or choose another with --data",
  ];
  const [problem, mend] = failure;
  // Which file it is and what is wrong with it, only the engine knows.
  const isOfFile = failure === damaged || failure === unknown;
  const where = isOfFile && cause instanceof Error ? ` (${cause.message})` : "";
  return new ConfigError(`The data directory ${directory} ${problem}${where}`, mend, { cause });
}

/** The errno says more than the engine's word for every failure of the disk. */
function codeOf(cause: unknown): string | undefined {
  const code = errorCode(cause);
  if (code !== "DISK_FAILED" || !(cause instanceof Error)) return code;
  return errorCode(cause.cause) ?? code;
}

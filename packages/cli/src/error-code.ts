import { S3Error } from "@holdfast/protocol";

/** What a machine reported: the `code` of a Node.js or engine error, also where an `S3Error` wraps it. */
export function errorCode(error: unknown): string | undefined {
  if (S3Error.is(error)) return errorCode(error.cause);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

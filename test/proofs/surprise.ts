import type { S3Reply } from "./s3-client.ts";

/** An answer that no writer may get. */
export class Surprise extends Error {}

/** Throws a `Surprise` when the answer has none of these statuses. */
export function expectStatus({ status, body }: S3Reply, expected: readonly number[]): void {
  if (!expected.includes(status)) throw new Surprise(`${status}: ${body.toString()}`);
}

import { Readable } from "node:stream";
import { type RequestBody, S3SourceError } from "@holdfast/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucket, type Running, startGatewayAndClient } from "./gateway.ts";

let running: Running;
beforeAll(async () => {
  running = await startGatewayAndClient();
});
afterAll(() => running.close());

async function* generated(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

test.each([1, 9 * 2 ** 20])(
  "a source of %i bytes that was sent before is refused, and not stored as an empty object",
  async (bytes) => {
    const all = Buffer.alloc(bytes, "holdfast");
    const same = Readable.from([all]);
    const bodies: readonly RequestBody[] = [
      Readable.from([all]),
      new Blob([all]).stream(),
      generated(all),
      (): Readable => same,
    ];
    const key = `once/${bytes}`;
    for (const body of bodies) {
      await running.s3.upload({ bucket, key, body });
      for (const contentLength of [undefined, bytes]) {
        const again = running.s3.upload({ bucket, key, body, contentLength });
        const error: unknown = await again.catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(S3SourceError);
        expect(error).toMatchObject({ errorCode: "BodySourceFailed", retryable: false });
      }
      const stored = await running.s3.getObject({ bucket, key });
      expect(all.equals(await stored.body.bytes())).toBe(true);
    }
  },
);

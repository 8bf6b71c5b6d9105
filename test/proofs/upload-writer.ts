import { childText, readXml } from "@holdfast/protocol";
import { below, type Random } from "./random.ts";
import type { S3Client } from "./s3-client.ts";
import { expectStatus } from "./surprise.ts";
import type { WriteLog } from "./write-log.ts";
import { partBytes, partEtag, type WrittenObject } from "./written-object.ts";

/** An upload whose parts were acknowledged before the server died. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly object: WrittenObject;
}

interface UploadWriterOptions {
  readonly client: S3Client;
  readonly log: WriteLog;
  readonly bucket: string;
  readonly random: Random;
}

/** The steps of an upload, each written down in the log as it is asked for and answered. */
export class UploadWriter {
  readonly #options: UploadWriterOptions;
  /** The upload that is whole but for its completion. */
  whole: OpenUpload | undefined;

  constructor(options: UploadWriterOptions) {
    this.#options = options;
  }

  /** Mostly to its completion; now and then aborted or left behind. `decoy` is overwritten parts. */
  async run(key: string, object: WrittenObject, decoy: WrittenObject): Promise<void> {
    const { random } = this.#options;
    const upload = { key, uploadId: await this.#begin(key, object), object };
    for (const index of object.sizes.keys()) {
      if (random() < 0.25) await this.#putPart(upload, { index, of: decoy });
      await this.#putPart(upload, { index, of: object });
    }
    const dice = random();
    if (dice < 0.1) return;
    if (dice < 0.3) return this.#abort(upload);
    this.whole = upload;
    await this.complete(upload);
  }

  async complete({ key, uploadId, object }: OpenUpload): Promise<void> {
    const { client, bucket, log } = this.#options;
    const document = object.sizes
      .map((_, index) => {
        const etag = partEtag(object, index);
        return `<Part><PartNumber>${index + 1}</PartNumber><ETag>"${etag}"</ETag></Part>`;
      })
      .join("");
    log.asked(key, object);
    log.uploads.endAsked(uploadId);
    this.whole = undefined;
    const reply = await client.send({
      method: "POST",
      target: `/${bucket}/${key}?uploadId=${encodeURIComponent(uploadId)}`,
      body: Buffer.from(`<CompleteMultipartUpload>${document}</CompleteMultipartUpload>`),
    });
    expectStatus(reply, [200]);
    log.answered(key, object);
    log.uploads.ended(uploadId);
  }

  async #begin(key: string, object: WrittenObject): Promise<string> {
    const { client, bucket, log } = this.#options;
    const reply = await client.send({
      method: "POST",
      target: `/${bucket}/${key}?uploads`,
      headers: { "x-amz-meta-write": object.id },
    });
    expectStatus(reply, [200]);
    const uploadId = childText(readXml(reply.body, { nodesMax: 100 }), "UploadId") ?? "";
    log.uploads.begun(key, uploadId);
    return uploadId;
  }

  async #putPart(
    { key, uploadId }: OpenUpload,
    { index, of }: { readonly index: number; readonly of: WrittenObject },
  ): Promise<void> {
    const { client, bucket, log } = this.#options;
    const part = { number: index + 1, etag: partEtag(of, index) };
    const query = `uploadId=${encodeURIComponent(uploadId)}&partNumber=${part.number}`;
    log.uploads.partAsked(uploadId, part);
    const body = partBytes(of, index);
    const target = `/${bucket}/${key}?${query}`;
    expectStatus(await client.send({ method: "PUT", target, body }), [200]);
    log.uploads.partAnswered(uploadId, part);
    log.acknowledged++;
  }

  async #abort({ key, uploadId }: OpenUpload): Promise<void> {
    const { client, bucket, log } = this.#options;
    const target = `/${bucket}/${key}?uploadId=${encodeURIComponent(uploadId)}`;
    log.uploads.endAsked(uploadId);
    expectStatus(await client.send({ method: "DELETE", target }), [204]);
    log.uploads.ended(uploadId);
    log.acknowledged++;
  }
}

/** Mostly one part; now and then a full one before it, since only the last may be small. */
export function partSizes(random: Random): number[] {
  const last = 1 + below(random, 200 * 1024);
  return random() < 0.02 ? [5 * 1024 * 1024, last] : [last];
}

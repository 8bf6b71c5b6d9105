import { asS3Error } from "./errors/as-s3-error.ts";
import type { PresignContext } from "./presign/context.ts";
import type { Answer, Call, Connection } from "./request/call.ts";
import { Sender } from "./request/sender.ts";
import type { Events } from "./tracing/events.ts";
import { settingsOf, type S3ConnectionOptions } from "./request/settings.ts";

/** What operations are carried out over: one S3 service. Keeps connections until it is closed. */
export class S3Connection implements Connection, AsyncDisposable {
  readonly #sender: Sender;

  /** Throws an `S3Error` of `InvalidConfiguration` for options that cannot work. */
  constructor(options: S3ConnectionOptions) {
    this.#sender = senderOf(options);
  }

  /** Carries out a call of an operation. */
  send(call: Call): Promise<Answer> {
    return this.#sender.send(call);
  }

  /** Where the client tells of its work. */
  get events(): Events {
    return this.#sender.events;
  }

  /** All that it takes to sign something of a bucket now, with credentials that hold. */
  async presignContext(bucket: string): Promise<PresignContext> {
    try {
      return await this.#sender.presignContext(bucket);
    } catch (error) {
      throw asS3Error(error, { operation: "presign", bucket });
    }
  }

  /** Ends every connection. */
  close(): void {
    this.#sender.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function senderOf(options: S3ConnectionOptions): Sender {
  try {
    return new Sender(settingsOf(options));
  } catch (error) {
    throw asS3Error(error, { operation: "S3Client" });
  }
}

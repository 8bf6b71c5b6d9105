import { toS3Error } from "./errors/to-s3-error.ts";
import { WireFailure } from "./errors/wire-failure.ts";
import type { Answer, Call, Connection } from "./request/call.ts";
import { Sender } from "./request/sender.ts";
import { settingsOf, type S3ClientOptions } from "./request/settings.ts";

/** What operations are carried out over: one S3 service. Keeps connections until it is closed. */
export class S3Connection implements Connection, AsyncDisposable {
  readonly #sender: Sender;

  /** Throws an `S3Error` of `InvalidConfiguration` for options that cannot work. */
  constructor(options: S3ClientOptions) {
    this.#sender = senderOf(options);
  }

  /** Carries out a call: signed, retried and read like any operation. */
  send(call: Call): Promise<Answer> {
    return this.#sender.send(call);
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

function senderOf(options: S3ClientOptions): Sender {
  try {
    return new Sender(settingsOf(options));
  } catch (error) {
    if (!(error instanceof WireFailure)) throw error;
    const context = { operation: "S3Client" };
    throw toS3Error(error.fields, { context, history: [], ambiguous: false });
  }
}

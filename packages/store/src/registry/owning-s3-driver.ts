import type { S3Client } from "@holdfast/client";
import type { DriverCopyOptions, DriverPutOptions, Written } from "../driver.ts";
import { S3Driver, type S3DriverOptions } from "../drivers/s3/s3-driver.ts";
import type { Failure } from "../errors/driver-failure.ts";

/** What an `OwningS3Driver` is made of. */
export interface OwningS3DriverOptions extends S3DriverOptions {
  readonly client: S3Client;
}

/** An S3 driver with a client of its own, which ends with it, and with that all that is under way. */
export class OwningS3Driver extends S3Driver {
  readonly #client: S3Client;
  /** What may have uploads to take back, for which it needs the client a little longer. */
  readonly #writes = new Map<AbortController, Promise<unknown>>();
  #isClosed = false;

  constructor(options: OwningS3DriverOptions) {
    super(options);
    this.#client = options.client;
  }

  override put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: DriverPutOptions,
  ): Promise<Written> {
    return this.#write(options.signal, (signal) => super.put(key, body, { ...options, signal }));
  }

  override copy(from: string, to: string, options: DriverCopyOptions): Promise<Written> {
    return this.#write(options.signal, (signal) => super.copy(from, to, { ...options, signal }));
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#writes.keys()) controller.abort();
    await Promise.allSettled(this.#writes.values());
    await super.close();
    this.#client.close();
  }

  override failureOf(error: unknown): Failure {
    const failure = super.failureOf(error);
    const endedByClosing = this.#isClosed && failure.kind === "aborted";
    return endedByClosing ? { ...failure, kind: "closed", message: undefined } : failure;
  }

  async #write<T>(
    given: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const forward = (): void => controller.abort(given?.reason);
    if (given?.aborted === true) forward();
    given?.addEventListener("abort", forward, { once: true });
    const written = work(controller.signal);
    this.#writes.set(controller, written);
    try {
      return await written;
    } finally {
      this.#writes.delete(controller);
      given?.removeEventListener("abort", forward);
    }
  }
}

import type { Readable } from "node:stream";

/** The bytes of an answer. Whoever has one must read it to its end, or dispose of it. */
export interface AnswerBody extends AsyncIterable<Uint8Array>, AsyncDisposable {
  text(): Promise<string>;
  json(): Promise<unknown>;
  bytes(): Promise<Uint8Array>;
  /** A Node stream; destroying it ends the transfer. */
  node(): Readable;
  /** A web stream; cancelling it ends the transfer. */
  web(): ReadableStream<Uint8Array>;
  /** Ends the transfer; the bytes not read are not fetched. */
  dispose(): Promise<void>;
}

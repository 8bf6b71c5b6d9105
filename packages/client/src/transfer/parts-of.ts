import { bytesAtHand, openBody, type RequestBody } from "../bodies/to-replayable-body.ts";
import { cut } from "./cut.ts";
import { partSizes } from "./part-sizes.ts";

/** A body as the parts of an upload, in order. */
export interface Parts {
  readonly totalBytes: number | undefined;
  readonly parts: AsyncIterator<Uint8Array>;
  /** Lets go of the source, whatever it is doing. */
  end(): void;
}

/** Cuts a body into parts. Bytes at hand are not copied; of any other one part is held in memory. */
export async function partsOf(
  body: RequestBody | undefined,
  options: { readonly length?: number | undefined; readonly partBytes?: number | undefined },
): Promise<Parts> {
  const bytes = bytesAtHand(body);
  if (bytes !== undefined || body === undefined) {
    const whole = bytes ?? new Uint8Array();
    const sizeOf = partSizes(whole.byteLength, options.partBytes);
    return { totalBytes: whole.byteLength, parts: slices(whole, sizeOf(1)), end() {} };
  }
  const { length, source } = await openBody(body, { length: options.length });
  const parts = cut(source, partSizes(length, options.partBytes));
  return { totalBytes: length, parts, end: () => void source.return() };
}

async function* slices(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

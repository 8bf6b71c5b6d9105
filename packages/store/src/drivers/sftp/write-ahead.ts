import { untilAborted } from "../../kernel/until-aborted.ts";
import type { Requests } from "./requests.ts";

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What every server takes in one request. */
const chunkBytes = 32 * 1024;

/** So many chunks are on their way at once: 2 MiB, which is also what is held in memory. */
const chunksMax = 64;

/**
 * Writes bytes to an open file without waiting for each answer, and gives how many. `fail` is called with the first failure as soon as it is
 * known, for the source may give nothing more for long.
 */
export async function writeAhead(
  requests: Requests,
  file: { readonly handle: Buffer; readonly fail: (error: unknown) => unknown },
  chunks: AsyncIterable<Buffer>,
): Promise<number> {
  const underWay = new Set<Promise<void>>();
  let position = 0;
  for await (const chunk of chunks) {
    const written = requests.write(file.handle, chunk, position);
    position += chunk.length;
    underWay.add(written);
    written.then(() => underWay.delete(written), file.fail);
    if (underWay.size >= chunksMax) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return position;
}

/** Bytes in pieces that fit a request, small ones gathered. A piece is to be used before the next is asked for. */
export async function* chunksOf(body: Pieces): AsyncGenerator<Buffer> {
  let gathered = Buffer.allocUnsafe(chunkBytes);
  let length = 0;
  for await (const piece of body) {
    for (let at = 0; at < piece.byteLength; at += chunkBytes) {
      const part = Buffer.from(
        piece.buffer,
        piece.byteOffset + at,
        Math.min(chunkBytes, piece.byteLength - at),
      );
      if (length + part.length > chunkBytes) {
        yield gathered.subarray(0, length);
        length = 0;
      }
      if (part.length === chunkBytes) {
        yield part;
        continue;
      }
      gathered.set(part, length);
      length += part.length;
    }
  }
  if (length > 0) yield gathered.subarray(0, length);
}

/** A body as a stream that ends with a signal, also while its source hangs. */
export function piecesOf(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Pieces {
  if (body instanceof Uint8Array) return [body];
  return {
    [Symbol.asyncIterator]() {
      const pieces = body[Symbol.asyncIterator]();
      return {
        next: () => untilAborted(pieces.next(), signal),
        return: async () => (await pieces.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
}

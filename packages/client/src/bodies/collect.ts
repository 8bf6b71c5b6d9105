import type { WireFailure } from "../errors/wire-failure.ts";
import type { TransportBody } from "../transport/transport.ts";

/** What was read of a body: all of it, or its beginning if it was longer than allowed or broke off. */
export interface Collected {
  readonly bytes: Buffer;
  readonly complete: boolean;
  /** What the body failed with, if it did. */
  readonly error?: WireFailure | undefined;
}

/** Reads a body whole, or ends it once it passes `bytesMax` or takes longer than `withinMs`. Never rejects. */
export function collect(body: TransportBody, bytesMax: number, withinMs = 0): Promise<Collected> {
  return new Promise((settle) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const end = (complete: boolean, error?: WireFailure): void => {
      clearTimeout(timer);
      settle({ bytes: joined(pieces, size), complete, error });
    };
    const cut = (): void => {
      end(false);
      body.destroy();
    };
    const timer = withinMs > 0 ? setTimeout(cut, withinMs) : undefined;
    body.pour({
      piece(bytes) {
        const room = bytesMax - size;
        if (bytes.length <= room) {
          pieces.push(bytes);
          size += bytes.length;
          return;
        }
        if (room > 0) pieces.push(bytes.subarray(0, room));
        size = bytesMax;
        cut();
      },
      end: () => end(true),
      failed: (failure) => end(false, failure),
    });
  });
}

function joined(pieces: readonly Buffer[], size: number): Buffer {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, size);
}

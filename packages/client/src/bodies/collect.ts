import type { Readable } from "node:stream";

/** What was read of a body: all of it, or its beginning if it was longer than allowed. */
export interface Collected {
  readonly bytes: Buffer;
  readonly complete: boolean;
}

/** Reads a body whole, or ends it once it passes `bytesMax`. Rejects with what the body fails with. */
export function collect(body: Readable, bytesMax: number): Promise<Collected> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    if (body.destroyed) {
      reject(body.errored ?? new Error("the body was destroyed before it was read"));
      return;
    }
    body.on("data", (piece: Buffer) => {
      if (size + piece.length <= bytesMax) {
        size += piece.length;
        pieces.push(piece);
        return;
      }
      if (size < bytesMax) pieces.push(piece.subarray(0, bytesMax - size));
      resolve({ bytes: joined(pieces, bytesMax), complete: false });
      body.destroy();
    });
    body.on("end", () => resolve({ bytes: joined(pieces, size), complete: true }));
    body.on("error", reject);
    body.on("close", () => {
      if (!body.readableEnded) reject(new Error("the body was destroyed while it was read"));
    });
  });
}

function joined(pieces: readonly Buffer[], size: number): Buffer {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, size);
}

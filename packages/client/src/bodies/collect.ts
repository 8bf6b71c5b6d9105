import type { Readable } from "node:stream";

/** What was read of a body: all of it, or its beginning if it was longer than allowed or broke off. */
export interface Collected {
  readonly bytes: Buffer;
  readonly complete: boolean;
  /** What the body failed with, if it did. */
  readonly error?: unknown;
}

/** Reads a body whole, or ends it once it passes `bytesMax` or takes longer than `withinMs`. Never rejects. */
export function collect(body: Readable, bytesMax: number, withinMs = 0): Promise<Collected> {
  return new Promise((settle) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const late = (): void => {
      resolve({ bytes: joined(pieces, size), complete: false });
      body.destroy();
    };
    const timer = withinMs > 0 ? setTimeout(late, withinMs) : undefined;
    const resolve = (collected: Collected): void => {
      clearTimeout(timer);
      settle(collected);
    };
    const broken = (error: unknown): void => {
      resolve({ bytes: joined(pieces, size), complete: false, error });
    };
    if (body.destroyed) {
      broken(body.errored ?? new Error("the body was destroyed before it was read"));
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
    body.on("error", broken);
    body.on("close", () => {
      if (!body.readableEnded) broken(new Error("the body was destroyed while it was read"));
    });
  });
}

function joined(pieces: readonly Buffer[], size: number): Buffer {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, size);
}

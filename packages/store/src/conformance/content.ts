/** That many bytes in pieces, and then, if there is one, the failure. */
export async function* pieces(bytes: number, failure?: Error): AsyncGenerator<Uint8Array> {
  const pieceBytes = 64 * 1024;
  for (let left = bytes; left > 0; left -= pieceBytes) {
    yield new Uint8Array(Math.min(left, pieceBytes)).fill(left % 251);
  }
  if (failure !== undefined) throw failure;
}

/** Gives some bytes and then nothing more, ever. */
export async function* hanging(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1024);
  await new Promise(() => {});
}

/** Sizes that backends store in different ways: within one request, and in parts. */
export const sizes: readonly number[] = [256 * 1024, 9 * 1024 * 1024];

/** That many bytes, all alike. */
export function filled(bytes: number, byte: number): Uint8Array {
  return new Uint8Array(bytes).fill(byte);
}

/** Gives that many bytes, says when they were taken, and then gives nothing more, ever. */
export async function* stalling(bytes: number, onTaken: () => void): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes);
  onTaken();
  await new Promise(() => {});
}

/** Gives that many bytes, has the other work done, and gives as many more. */
export async function* overtaken(
  bytes: number,
  other: () => Promise<unknown>,
): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes);
  await other();
  yield* pieces(bytes);
}

/** How much is set aside at a time for a body of unknown size, beside what has come. */
const stepBytes = 1024 * 1024;

/**
 * A body of unknown size, each byte of which is set aside before it is handed on; what `grow` rejects with ends it. Close
 * to the limit it asks for no more than has come.
 */
export async function* metered(
  body: AsyncIterable<Uint8Array>,
  grow: (bytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let room = 0;
  for await (const bytes of body) {
    const missing = bytes.length - room;
    if (missing > 0) room += await growing(missing, grow);
    room -= bytes.length;
    yield bytes;
  }
}

async function growing(missing: number, grow: (bytes: number) => Promise<void>): Promise<number> {
  if (missing < stepBytes) {
    try {
      await grow(stepBytes);
      return stepBytes;
    } catch {
      // There may be room for what is here all the same.
    }
  }
  await grow(missing);
  return missing;
}

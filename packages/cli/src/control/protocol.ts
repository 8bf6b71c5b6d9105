import * as v from "valibot";

/** What another process of the same user may ask of a running server: one line of JSON, one in answer. */
export const requestSchema = v.variant("command", [
  v.object({ command: v.literal("scrub"), bytesPerSecond: v.optional(v.number()) }),
  v.object({ command: v.literal("backup"), to: v.string() }),
]);

export type ControlRequest = v.InferOutput<typeof requestSchema>;

const lineBytesMax = 16 * 1024 * 1024;

/** The first line that a connection brings; undefined when it ends or brings too much before. */
export async function firstLine(source: AsyncIterable<Buffer>): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of source) {
    const end = piece.indexOf(0x0a);
    pieces.push(end === -1 ? piece : piece.subarray(0, end));
    bytes += piece.length;
    if (end !== -1) return Buffer.concat(pieces).toString("utf8");
    if (bytes > lineBytesMax) return undefined;
  }
}

import { createHash } from "node:crypto";

/** Nothing; in the commit; the largest in the commit that fill a log; in a blob of one block and of two. */
const sizes = [0, 90, 700, 3_000, 16_500, 66_000];
const sizeWeights = [1, 7, 6, 2, 3, 1];
const drawn = sizeWeights.flatMap((weight, index) => Array.from({ length: weight }, () => index));

/** The bytes that a number stands for, which no other number of a size above 0 has. */
export function bytesOf(content: number): Buffer {
  return Buffer.alloc(sizeOf(content), `<${content}>`);
}

function sizeOf(content: number): number {
  return sizes[drawn[content % drawn.length] ?? 0] ?? 0;
}

/** What an object or a part with these bytes is called in a ledger. */
export function nameOf(content: number): string {
  return sizeOf(content) === 0 ? "nothing" : String(content);
}

/** The name of the content that these are the bytes of, or what is wrong with them. */
export function nameOfBytes(bytes: Buffer): string {
  if (bytes.length === 0) return "nothing";
  const period = bytes.indexOf(">") + 1;
  const content = Number(bytes.toString("latin1", 1, period - 1));
  if (period === 0 || !Number.isInteger(content)) return "bytes that nobody wrote";
  const repeats = bytes.subarray(period).equals(bytes.subarray(0, bytes.length - period));
  return repeats && bytes.length === sizeOf(content) ? String(content) : `not all of ${content}`;
}

const etags = new Map<number, string>();
const contents = new Map<string, number>();

/** The hexadecimal MD5 of a content's bytes. */
export function etagOf(content: number): string {
  const known = etags.get(content);
  if (known !== undefined) return known;
  const etag = createHash("md5").update(bytesOf(content)).digest("hex");
  etags.set(content, etag);
  contents.set(etag, content);
  return etag;
}

/** The name of the content that `etagOf` was asked for. */
export function nameOfEtag(etag: string): string {
  const content = contents.get(etag);
  return content === undefined ? "bytes that nobody wrote" : nameOf(content);
}

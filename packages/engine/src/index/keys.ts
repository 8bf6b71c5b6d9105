/**
 * The index's keys. A name is escaped (00 becomes 00 FF) and ended by 00 01, so that byte order of
 * the keys is byte order of the names whatever bytes they hold, and a suffix such as a version fits
 * behind each.
 */
const table = {
  blob: 0x62,
  bucket: 0x42,
  garbage: 0x67,
  meta: 0x6d,
  object: 0x6f,
  part: 0x70,
  payload: 0x64,
  upload: 0x75,
} as const;

const end = Buffer.from([0x00, 0x01]);
const escapedZero = Buffer.from([0x00, 0xff]);

/** From `start`, inclusive, to `end`, exclusive. */
export interface KeyRange {
  readonly start: Buffer;
  readonly end: Buffer;
}

function escaped(name: string): Buffer {
  const bytes = Buffer.from(name, "utf8");
  if (!bytes.includes(0)) return bytes;
  const pieces: Buffer[] = [];
  let from = 0;
  for (let zero = bytes.indexOf(0); zero !== -1; zero = bytes.indexOf(0, from)) {
    pieces.push(bytes.subarray(from, zero), escapedZero);
    from = zero + 1;
  }
  return Buffer.concat([...pieces, bytes.subarray(from)]);
}

function tagged(tag: number, ...pieces: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.of(tag), ...pieces]);
}

/** A key of names, each ended: most have no zero in them, and every write makes several. */
function named(tag: number, first: string, second?: string): Buffer {
  const rest = second === undefined ? "" : `${second}\0\x01`;
  if (!first.includes("\0") && !second?.includes("\0")) {
    return Buffer.from(`${String.fromCharCode(tag)}${first}\0\x01${rest}`, "utf8");
  }
  const behind = second === undefined ? [] : [escaped(second), end];
  return tagged(tag, escaped(first), end, ...behind);
}

function counted(tag: number, number: number): Buffer {
  const key = Buffer.alloc(9);
  key[0] = tag;
  key.writeBigUInt64BE(BigInt(number), 1);
  return key;
}

/** The first key above all that begin with `prefix`. */
export function after(prefix: Buffer): Buffer {
  let length = prefix.length;
  while (prefix[length - 1] === 0xff) length -= 1;
  const bound = Buffer.from(prefix.subarray(0, length));
  if (length > 0) bound[length - 1] = (bound[length - 1] ?? 0) + 1;
  return bound;
}

/** All keys that begin with `prefix`. */
export function startingWith(prefix: Buffer): KeyRange {
  return { start: prefix, end: after(prefix) };
}

export function metaKey(name: string): Buffer {
  return tagged(table.meta, Buffer.from(name, "utf8"));
}

export function bucketKey(bucket: string): Buffer {
  return named(table.bucket, bucket);
}

/** The buckets whose names begin with `prefix`. */
export function bucketsRange(prefix: string): KeyRange {
  return startingWith(tagged(table.bucket, escaped(prefix)));
}

export function objectKey(bucket: string, key: string): Buffer {
  return named(table.object, bucket, key);
}

/** What the index keys of a bucket's objects begin with when the objects' keys begin with `prefix`. */
export function objectPrefix(bucket: string, prefix: string): Buffer {
  return tagged(table.object, escaped(bucket), end, escaped(prefix));
}

export function uploadKey(bucket: string, key: string, uploadId: string): Buffer {
  return tagged(
    table.upload,
    escaped(bucket),
    end,
    escaped(key),
    end,
    Buffer.from(uploadId, "utf8"),
  );
}

/** What the index keys of a bucket's uploads begin with when their objects' keys begin with `prefix`. */
export function uploadPrefix(bucket: string, prefix: string): Buffer {
  return tagged(table.upload, escaped(bucket), end, escaped(prefix));
}

/** Reads the name that begins at `offset` of an index key, and where what follows it begins. */
export function nameAt(
  key: Buffer,
  offset: number,
): { readonly name: string; readonly next: number } {
  let zero = key.indexOf(0, offset);
  if (key[zero + 1] === 1) return { name: key.toString("utf8", offset, zero), next: zero + 2 };
  const pieces: Buffer[] = [];
  let from = offset;
  while (zero !== -1 && key[zero + 1] === 0xff) {
    pieces.push(key.subarray(from, zero + 1));
    from = zero + 2;
    zero = key.indexOf(0, from);
  }
  pieces.push(key.subarray(from, zero));
  return { name: Buffer.concat(pieces).toString("utf8"), next: zero + 2 };
}

export function partKey(uploadId: string, partNumber: number): Buffer {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(partNumber);
  return tagged(table.part, escaped(uploadId), end, number);
}

/** All parts of an upload, in order of their numbers. */
export function partsRange(uploadId: string): KeyRange {
  return startingWith(tagged(table.part, escaped(uploadId), end));
}

/** The number that ends the index key of a part. */
export function partNumberOf(key: Buffer): number {
  return key.readUInt16BE(key.length - 2);
}

/** Counts the references to a blob. */
export function blobKey(blob: number): Buffer {
  return counted(table.blob, blob);
}

/** The blobs that are named, from the one with this number on. */
export function blobsFrom(blob: number): KeyRange {
  return { start: blobKey(blob), end: after(Buffer.of(table.blob)) };
}

/** Says that a blob is to be unlinked. */
export function garbageKey(blob: number): Buffer {
  return counted(table.garbage, blob);
}

export const garbageRange: KeyRange = startingWith(Buffer.of(table.garbage));

/** The number that ends the index key of a blob or of garbage. */
export function blobOf(key: Buffer): number {
  return Number(key.readBigUInt64BE(1));
}

/** Names a payload: the sequence of the commit that wrote it, and which of that commit's it is. */
export type PayloadId = readonly [sequence: number, ordinal: number];

/** A small object's body, or the segments of a large one. */
export function payloadKey([sequence, ordinal]: PayloadId): Buffer {
  const key = Buffer.alloc(13);
  key[0] = table.payload;
  key.writeBigUInt64BE(BigInt(sequence), 1);
  key.writeUInt32BE(ordinal, 9);
  return key;
}

export type TableName = keyof typeof table;

const tableNames = new Map(
  Object.keys(table).flatMap((name) => (isTableName(name) ? [[table[name], name] as const] : [])),
);

function isTableName(name: string): name is TableName {
  return name in table;
}

/** Which table a record belongs to, by the key's first byte; undefined for none of ours. */
export function tableOf(key: Buffer): TableName | undefined {
  return [...tableNames].find(([tag]) => tag === key[0])?.[1];
}

/** Every key there is. */
export const everyKey: KeyRange = { start: Buffer.of(0), end: Buffer.of(0xff) };

/** Every payload. */
export const payloadRange: KeyRange = startingWith(Buffer.of(table.payload));

/** Every upload in progress. */
export const uploadsRange: KeyRange = startingWith(Buffer.of(table.upload));

import { s3Error } from "@holdfast/protocol";
import type { ObjectInfo, OpenObject } from "../api.ts";
import { readBlob } from "../blobs/read-blob.ts";
import type { EngineParts } from "../engine-parts.ts";
import { decodeSegments, type ObjectRecord } from "../index/records.ts";
import type { View } from "../index/view.ts";
import { objectInfo, partInfo, type ObjectName } from "./object-info.ts";
import { bucketKey, objectKey } from "../index/keys.ts";
import { findObject, findPayload, requireObject } from "./object-records.ts";

/** A run of an object's bytes: in a blob, or here. */
type Piece =
  | { readonly length: number; readonly blob: number }
  | { readonly length: number; readonly bytes: Buffer };

type Index = Pick<EngineParts, "store" | "view">;

interface Found {
  readonly info: ObjectInfo;
  readonly pieces: readonly Piece[];
}

export function headObject(parts: EngineParts, name: ObjectName): ObjectInfo {
  return find(parts, name).info;
}

/** Opens an object as it is now; its blobs stay until it is closed. */
export function openObject(parts: EngineParts, name: ObjectName): OpenObject {
  const { blobs, volume } = parts;
  const { info, pieces } = find(parts, name);
  const pinned = pieces.flatMap((piece) => ("blob" in piece ? [piece.blob] : []));
  // In the same turn as the record was read: a commit unlinks what it frees only in a later one.
  blobs.pin(pinned);
  let open = true;
  const readPiece = (piece: Piece, start: number, end: number): AsyncIterable<Buffer> | Buffer[] =>
    "blob" in piece
      ? readBlob({ ...piece, fs: volume.fs, path: blobs.pathOf(piece.blob), start, end })
      : [piece.bytes.subarray(start, end + 1)];
  const [only] = pieces;
  return {
    info,
    bytes: pieces.length === 1 && only !== undefined && "bytes" in only ? only.bytes : undefined,
    async *read({ start, end } = { start: 0, end: info.size - 1 }) {
      let offset = 0;
      for (const piece of pieces) {
        const from = Math.max(start, offset);
        const to = Math.min(end, offset + piece.length - 1);
        if (from <= to) yield* readPiece(piece, from - offset, to - offset);
        offset += piece.length;
      }
    },
    async close() {
      if (open) blobs.unpin(pinned);
      open = false;
    },
  };
}

// A commit applied between the two reads takes the payload with the record that named it; the
// record that replaced it is then there to be read.
function find({ view, store }: Index, name: ObjectName): Found {
  let before: ObjectRecord | undefined;
  for (;;) {
    const record = findObject(view, name) ?? missing({ view, store }, name);
    const found = resolve(view, name, record);
    if (found !== undefined) return found;
    if (JSON.stringify(record) === JSON.stringify(before)) {
      throw s3Error("InternalError", undefined, { reason: "missing_payload" });
    }
    before = record;
  }
}

/** Says what is missing, once the index can vouch for it: a key that rotted is not missing but damaged. */
function missing({ view, store }: Index, name: ObjectName): ObjectRecord {
  store.assertAbsent(objectKey(name.bucket, name.key));
  const bucket = bucketKey(name.bucket);
  if (view.get(bucket) === undefined) store.assertAbsent(bucket);
  return requireObject(view, name);
}

function resolve(view: View, name: ObjectName, record: ObjectRecord): Found | undefined {
  const { body, size } = record;
  if (body.in === "nothing") return { info: objectInfo(name, record), pieces: [] };
  if (body.in === "blob") {
    return { info: objectInfo(name, record), pieces: [{ blob: body.blob, length: size }] };
  }
  const payload = findPayload(view, body);
  if (payload === undefined) return undefined;
  if (body.in === "index") {
    return { info: objectInfo(name, record), pieces: [{ bytes: payload, length: size }] };
  }
  const segments = decodeSegments(payload);
  return {
    info: objectInfo(name, record, segments.map(partInfo)),
    pieces: segments.map(({ blob, size: length }) => ({ blob, length })),
  };
}

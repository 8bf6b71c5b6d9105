import { S3Error } from "@holdfast/protocol";
import { blobPath } from "../blobs/blob-path.ts";
import type { EngineParts } from "../engine-parts.ts";
import { isDamage } from "../index/is-damage.ts";
import { everyKey, nameAt, partNumberOf, tableOf } from "../index/keys.ts";
import type { Entry } from "../index/ordered-store.ts";
import { decodeObject, decodePart, type BodyRef } from "../index/records.ts";
import { unseal } from "../index/sealed-value.ts";
import { requireSegments } from "../objects/object-records.ts";
import type { BadBlob } from "./check-blobs.ts";
import type { BlobOwner } from "./finding.ts";
import type { Tally } from "./tally.ts";

/** Where an owner's bytes lie in a blob. */
interface Use {
  readonly blob: number;
  /** How many of the owner's bytes come before. */
  readonly offset: number;
}

const entriesAtOnce = 256;
const ownersMax = 100;

/** Adds blobs that are bad to the tally, each with whose bytes it holds. */
export async function tellBadBlobs(
  parts: EngineParts,
  bad: ReadonlyMap<number, BadBlob>,
  tally: Tally,
): Promise<void> {
  const owners = await blobOwners(parts, bad);
  for (const [blob, { kind, ranges, quarantined }] of bad) {
    const found = { file: blobPath("blobs", blob), owners: owners.get(blob) ?? [] };
    const aside = quarantined === undefined ? {} : { quarantined };
    if (kind === "unreadable-blob") tally.add({ kind, ...found });
    else if (kind === "missing-blob") tally.add({ kind, ...found, ...aside });
    else tally.add({ kind, ...found, ranges, ...aside });
  }
}

/** Which objects and parts name the given blobs: at most a hundred each. */
async function blobOwners(
  parts: EngineParts,
  bad: ReadonlyMap<number, BadBlob>,
): Promise<ReadonlyMap<number, readonly BlobOwner[]>> {
  const owners = new Map<number, BlobOwner[]>();
  if (bad.size === 0) return owners;
  const cursor = parts.store.range(everyKey.start, everyKey.end);
  try {
    for (;;) {
      const entries = await cursor.next(entriesAtOnce);
      if (entries.length === 0) return owners;
      for (const entry of entries) {
        for (const { blob, offset } of usesOf(parts, entry)) {
          const damage = bad.get(blob);
          const known = owners.get(blob) ?? [];
          if (damage === undefined || known.length >= ownersMax) continue;
          const ranges = damage.ranges.map(({ start, end }) => ({
            start: start + offset,
            end: end + offset,
          }));
          known.push({ ...ownerName(entry[0]), ranges });
          owners.set(blob, known);
        }
      }
    }
  } finally {
    await cursor.close();
  }
}

/** None of a record that is damaged or was replaced meanwhile: it is told of elsewhere. */
function usesOf(parts: EngineParts, [key, sealed]: Entry): readonly Use[] {
  const table = tableOf(key);
  try {
    if (table === "part") return [{ blob: decodePart(unseal(key, sealed)).blob, offset: 0 }];
    return table === "object" ? bodyUses(parts, decodeObject(unseal(key, sealed)).body) : [];
  } catch (cause) {
    if (!isGone(cause)) throw cause;
    return [];
  }
}

function isGone(cause: unknown): boolean {
  return isDamage(cause) || (S3Error.is(cause) && cause.reason === "missing_payload");
}

function bodyUses({ view }: EngineParts, body: BodyRef): readonly Use[] {
  if (body.in === "blob") return [{ blob: body.blob, offset: 0 }];
  if (body.in !== "parts") return [];
  let offset = 0;
  return requireSegments(view, body).map(({ blob, size }) => {
    const use = { blob, offset };
    offset += size;
    return use;
  });
}

type OwnerName =
  | { readonly bucket: string; readonly key: string }
  | { readonly uploadId: string; readonly partNumber: number };

function ownerName(key: Buffer): OwnerName {
  const first = nameAt(key, 1);
  return tableOf(key) === "part"
    ? { uploadId: first.name, partNumber: partNumberOf(key) }
    : { bucket: first.name, key: nameAt(key, first.next).name };
}

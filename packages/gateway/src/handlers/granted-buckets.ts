import type { BucketInfo, Engine } from "@holdfast/engine";
import { S3Error } from "@holdfast/protocol";
import type { Attachment, Control } from "../access/control.ts";

interface Wanted {
  readonly prefix: string;
  /** The name behind which the page begins. */
  readonly after: string;
  readonly limit: number;
}

/** The buckets of these names, or of any when there are none, that exist: in order, up to the limit. */
export async function grantedBuckets(
  { engine, control }: { readonly engine: Engine; readonly control: Control },
  names: readonly string[] | undefined,
  wanted: Wanted,
): Promise<readonly BucketInfo[]> {
  if (names === undefined) return allBuckets(engine, control.attachments(), wanted);
  const found: BucketInfo[] = [];
  for (const name of names) {
    if (!isWanted(name, wanted)) continue;
    if (found.length === wanted.limit) break;
    const attachment = control.attachment(name);
    const bucket = attachment === undefined ? await ofEngine(engine, name) : shown(attachment);
    if (bucket !== undefined) found.push(bucket);
  }
  return found;
}

/** A bucket that is attached hides the engine's of the same name, as it does for every other operation. */
async function allBuckets(
  engine: Engine,
  attachments: readonly Attachment[],
  wanted: Wanted,
): Promise<readonly BucketInfo[]> {
  const { buckets } = await engine.listBuckets(wanted);
  const attached = attachments.filter(({ bucket }) => isWanted(bucket, wanted));
  if (attached.length === 0) return buckets;
  const byName = new Map(buckets.map((bucket) => [bucket.name, bucket]));
  for (const one of attached.slice(0, wanted.limit)) byName.set(one.bucket, shown(one));
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, wanted.limit);
}

async function ofEngine(engine: Engine, name: string): Promise<BucketInfo | undefined> {
  try {
    return await engine.headBucket(name);
  } catch (error) {
    if (S3Error.is(error) && error.code === "NoSuchBucket") return undefined;
    throw error;
  }
}

function isWanted(name: string, { prefix, after }: Wanted): boolean {
  return name.startsWith(prefix) && name > after;
}

function shown({ bucket: name, createdAt }: Attachment): BucketInfo {
  return { name, createdAt };
}

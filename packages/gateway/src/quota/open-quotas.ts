import type { Engine } from "@holdfast/engine";
import type { Attachment } from "../access/control.ts";
import type { Quota } from "../control/sources.ts";
import type { Upstreams } from "../options.ts";
import { engineShelf } from "./engine-shelf.ts";
import { Quotas } from "./quotas.ts";
import { upstreamShelf } from "./upstream-shelf.ts";
import { UsageDatabase } from "./usage-database.ts";

export interface OpenQuotas {
  /** Made if there is none; all gateways that share buckets share it. It can be thrown away: buckets are then counted anew. */
  readonly file: string;
  readonly engine: Engine;
  /** From memory; undefined for a bucket that may hold anything. */
  readonly quotaOf: (bucket: string) => Quota | undefined;
  /** What keeps the buckets that are attached; without it there are none. */
  readonly upstreams: Upstreams | undefined;
  readonly attachmentOf: (bucket: string) => Attachment | undefined;
  /** How long another process may keep the file locked before who needs it is refused, in milliseconds; 30,000. */
  readonly lockWaitMs?: number;
}

/**
 * Opens what is counted of buckets with a quota, and begins to settle what a process that died has left; rejects with a
 * `ControlOpenError` when the file does not open.
 */
export async function openQuotas(options: OpenQuotas): Promise<Quotas> {
  const { file, engine, quotaOf, upstreams, attachmentOf } = options;
  const own = engineShelf(engine);
  const far = upstreams === undefined ? own : upstreamShelf({ upstreams, attachmentOf });
  return new Quotas({
    database: await UsageDatabase.open(file, { waitMs: options.lockWaitMs }),
    quotaOf,
    shelfOf: (bucket) => (attachmentOf(bucket) === undefined ? own : far),
  });
}

import type { Engine } from "@holdfast/engine";
import type { Quota } from "../control/sources.ts";
import { engineShelf } from "./engine-shelf.ts";
import { Quotas } from "./quotas.ts";
import { UsageDatabase } from "./usage-database.ts";

export interface OpenQuotas {
  /** Made if there is none; all gateways that share buckets share it. It can be thrown away: buckets are then counted anew. */
  readonly file: string;
  readonly engine: Engine;
  /** From memory; undefined for a bucket that may hold anything. */
  readonly quotaOf: (bucket: string) => Quota | undefined;
}

/** Opens what is counted of buckets with a quota, and begins to settle what a process that died has left. */
export function openQuotas({ file, engine, quotaOf }: OpenQuotas): Quotas {
  const shelf = engineShelf(engine);
  return new Quotas({ database: new UsageDatabase(file), quotaOf, shelfOf: () => shelf });
}

import type { Engine } from "@holdfast/engine";
import type { Limited } from "../context.ts";
import type { Upstreams } from "../options.ts";
import { meterEngine } from "../quota/metered-engine.ts";
import { meterUpstreams } from "../quota/metered-upstreams.ts";
import type { Quotas, Standing } from "../quota/quotas.ts";

/** Where a request is carried out. */
interface Backends {
  readonly engine: Engine;
  readonly upstreams: Upstreams | undefined;
}

/** Where a request is carried out, and how its bucket stands once it was. */
export interface Reserved extends Backends {
  readonly standing: () => Standing | undefined;
}

/**
 * Puts the bucket's quota between a request and where it is carried out: bytes are set aside before the first one is
 * asked for. A request to a bucket without a quota goes straight through.
 */
export async function reserve(
  { bucket, attachment }: Limited,
  { engine, upstreams }: Backends,
  quotas: Quotas | undefined,
): Promise<Reserved> {
  if (quotas?.quotaOf(bucket) === undefined) {
    await quotas?.passBy(bucket);
    return { engine, upstreams, standing: noStanding };
  }
  if (attachment === undefined) {
    const metered = meterEngine(engine, quotas);
    return { engine: metered, upstreams, standing: metered.standing };
  }
  if (upstreams === undefined) return { engine, upstreams, standing: noStanding };
  const metered = meterUpstreams(upstreams, quotas);
  return { engine, upstreams: metered, standing: metered.standing };
}

const noStanding = (): undefined => undefined;

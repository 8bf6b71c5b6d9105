import type { Engine, Health } from "@holdfast/engine";
import type { Audit } from "../audit/audit-log.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { Metrics } from "../operator/metrics.ts";
import type { Quotas } from "../quota/quotas.ts";

/** What the functions of the admin API work on. */
export interface AdminParts {
  readonly control: ControlPlane;
  /** Where its master keys are. */
  readonly masterKeyFile: string;
  readonly engine: Pick<Engine, "listBuckets">;
  readonly health: () => Health;
  /** Undefined where nothing is recorded. */
  readonly audit?: Audit | undefined;
  readonly metrics: Metrics;
  readonly quotas: Pick<Quotas, "forget" | "recount" | "usage">;
  /** Where buckets can be attached, as the configuration names them. */
  readonly upstreams: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The OpenAPI document of the whole table, made when it is first asked for. */
  readonly description: () => Promise<Readonly<Record<string, unknown>>>;
}

import type { Engine } from "@holdfast/engine";
import type { Audit } from "../audit/audit-log.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { Gateway } from "../options.ts";
import type { Quotas } from "../quota/quotas.ts";

/** What the functions of the admin API work on. */
export interface AdminParts {
  readonly control: ControlPlane;
  /** Where its master keys are. */
  readonly masterKeyFile: string;
  readonly engine: Pick<Engine, "listBuckets">;
  /** The pages of the gateway itself, by their paths. */
  readonly page: Gateway["page"];
  /** Undefined where nothing is recorded. */
  readonly audit?: Audit | undefined;
  readonly quotas: Pick<Quotas, "forget" | "recount" | "usage">;
  /** Where buckets can be attached, as the configuration names them. */
  readonly upstreams: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The OpenAPI document of the whole table, made when it is first asked for. */
  readonly description: () => Promise<Readonly<Record<string, unknown>>>;
}

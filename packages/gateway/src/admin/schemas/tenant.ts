import * as v from "valibot";
import type { Tenant } from "../../control/tenants.ts";
import { moment, momentText } from "./moment.ts";

export const tenant = v.object({ tenant: v.string(), disabled: v.boolean(), createdAt: moment });

/** A tenant as the admin API shows it. */
export type TenantAnswer = v.InferOutput<typeof tenant>;

/** Shows it. */
export function tenantAnswer({ name, disabled, createdAt }: Tenant): TenantAnswer {
  return { tenant: name, disabled, createdAt: momentText(createdAt) };
}

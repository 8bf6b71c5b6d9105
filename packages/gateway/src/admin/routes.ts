import type { RouteRow } from "./route.ts";
import { bucketSettingRoutes } from "./routes/bucket-settings.ts";
import { bucketRoutes } from "./routes/buckets.ts";
import { credentialRoutes } from "./routes/credentials.ts";
import { auditRoutes } from "./routes/audit.ts";
import { healthRoutes } from "./routes/health.ts";
import { keyRoutes } from "./routes/keys.ts";
import { openApiRoutes } from "./routes/openapi.ts";
import { tenantRoutes } from "./routes/tenants.ts";

/** The whole admin API. */
export const adminRoutes: readonly RouteRow[] = [
  ...tenantRoutes,
  ...credentialRoutes,
  ...bucketRoutes,
  ...bucketSettingRoutes,
  ...keyRoutes,
  ...auditRoutes,
  ...healthRoutes,
  ...openApiRoutes,
];

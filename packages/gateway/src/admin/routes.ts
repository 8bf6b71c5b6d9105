import type { RouteRow } from "./route.ts";
import { healthRoutes } from "./routes/health.ts";
import { openApiRoutes } from "./routes/openapi.ts";

/** The whole admin API. */
export const adminRoutes: readonly RouteRow[] = [...healthRoutes, ...openApiRoutes];

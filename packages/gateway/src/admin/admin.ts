import { auditEventOf } from "./event.ts";
import type { AdminParts } from "./parts.ts";
import type { RawCall } from "./route.ts";
import { adminRoutes } from "./routes.ts";
import { startAdminServer, type AdminServer, type AdminServerOptions } from "./server.ts";

type AdminOptions = Omit<AdminServerOptions, "routes" | "record"> & Omit<AdminParts, "description">;

/** Starts the admin API. Rejects with Node's error, `EADDRINUSE` among them, when it cannot listen. */
export function startAdmin(options: AdminOptions): Promise<AdminServer> {
  const parts: AdminParts = {
    ...options,
    // Nobody needs it to serve.
    description: async () => (await import("./openapi.ts")).openApiDocument(),
  };
  const routes = adminRoutes.map((row) =>
    Object.assign({}, row, { run: (call: RawCall) => row.run(call, parts) }),
  );
  return startAdminServer({
    ...options,
    routes,
    record: (event) => options.audit?.record(auditEventOf(event)),
  });
}

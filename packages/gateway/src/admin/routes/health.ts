import type { Page as OperatorPage } from "../../operator/page.ts";
import { AdminError } from "../admin-error.ts";
import { nothing, route, type Page } from "../route.ts";

function shown(page: OperatorPage | undefined): Page {
  if (page === undefined) throw new AdminError("no_such_path");
  return { status: page.status, type: page.type, text: page.body };
}

/** How the server is, for whoever watches it. */
export const healthRoutes = [
  route({
    method: "GET",
    pattern: "/healthz",
    name: "getLiveness",
    summary: "That the process answers at all.",
    status: 200,
    openness: "open",
    path: nothing,
    query: nothing,
    body: nothing,
    pages: ["application/json"],
    run: async (_call, { page }) => shown(page("/healthz")),
  }),
  route({
    method: "GET",
    pattern: "/readyz",
    name: "getReadiness",
    summary: "Which parts of the server are well; 503 while a vital one is not.",
    status: 200,
    openness: "open",
    path: nothing,
    query: nothing,
    body: nothing,
    pages: ["application/json"],
    run: async (_call, { page }) => shown(page("/readyz")),
  }),
  route({
    method: "GET",
    pattern: "/metrics",
    name: "getMetrics",
    summary: "The metrics, in the text format that Prometheus reads.",
    status: 200,
    openness: "machine",
    path: nothing,
    query: nothing,
    body: nothing,
    pages: ["text/plain"],
    run: async (_call, { page }) => shown(page("/metrics")),
  }),
];

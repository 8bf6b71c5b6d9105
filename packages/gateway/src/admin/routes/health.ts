import { errnoOf } from "@holdfast/engine";
import * as v from "valibot";
import { nothing, route } from "../route.ts";

const health = v.object({
  writable: v.boolean(),
  reason: v.optional(v.string()),
  passing: v.optional(v.boolean()),
  errno: v.optional(v.string()),
  syncFailures: v.number(),
});

/** How the server is, for whoever watches it. */
export const healthRoutes = [
  route({
    method: "GET",
    pattern: "/healthz",
    name: "getHealth",
    summary: "Whether writes are taken, and why not; 503 while they are not.",
    status: 200,
    openness: "open",
    path: nothing,
    query: nothing,
    body: nothing,
    answer: health,
    pages: [],
    run: async (_call, parts) => {
      const { writable, reason, passing, cause, syncFailures } = parts.health();
      const errno = errnoOf(cause);
      const said: v.InferInput<typeof health> = {
        writable,
        ...(reason === undefined ? {} : { reason, passing: passing === true }),
        ...(errno === "" ? {} : { errno }),
        syncFailures,
      };
      const text = `${JSON.stringify(said)}\n`;
      return { status: writable ? 200 : 503, type: "application/json", text };
    },
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
    run: async (_call, { metrics }) => ({
      type: "text/plain; version=0.0.4; charset=utf-8",
      text: metrics.text(),
    }),
  }),
];

import type { AnonymousAnswer } from "@holdfast/gateway";
import { allPages } from "../all-pages.ts";
import type { AdminCommand } from "../command.ts";
import { operands, options } from "../named-arguments.ts";
import { textTable } from "../text-table.ts";

const { bucket } = operands;
const { requestsPerSecond } = options;

const path = (name: string): string => `/v1/buckets/${encodeURIComponent(name)}/anonymous`;

/** Which buckets anybody may read. */
export const anonymousCommands: readonly AdminCommand[] = [
  {
    name: "anonymous allow",
    summary: "Lets anybody read and list a bucket without a signature.",
    operands: [bucket],
    required: [],
    options: [
      {
        ...requestsPerSecond,
        description: "Requests a second from one address; 20 unless told.",
      },
    ],
    example: "anonymous allow website --rps 20",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      const json = await api.ask<AnonymousAnswer>({
        method: "PUT",
        path: path(name),
        body: { requestsPerSecond: given.optional(requestsPerSecond) },
      });
      const text = `Anybody may read ${name}, ${json.requestsPerSecond} requests a second from one address.\n`;
      return { json, text };
    },
  },
  {
    name: "anonymous list",
    summary: "Lists the buckets that anybody may read.",
    operands: [],
    required: [],
    options: [],
    example: "anonymous list",
    run: async (_given, { api }) => {
      const wish = { path: "/v1/anonymous", list: "bindings" } as const;
      const bindings = await allPages<AnonymousAnswer>(api, wish);
      const rows = bindings.map((one) => [one.bucket, String(one.requestsPerSecond)]);
      const text = textTable(["BUCKET", "REQUESTS A SECOND"], rows, "Nobody may read anonymously.");
      return { json: { bindings }, text };
    },
  },
  {
    name: "anonymous deny",
    summary: "Takes that back: from now on a signature is needed.",
    operands: [bucket],
    required: [],
    options: [],
    example: "anonymous deny website",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      await api.ask({ method: "DELETE", path: path(name) });
      return { json: { denied: name }, text: `Nobody may read ${name} without a signature.\n` };
    },
  },
];

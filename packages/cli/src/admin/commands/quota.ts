import type { QuotaAnswer, RecountAnswer } from "@holdfast/gateway";
import { ConfigError } from "../../config/config-error.ts";
import type { AdminCommand } from "../command.ts";
import { operands, options } from "../named-arguments.ts";
import { textFacts } from "../text-table.ts";
import { formatByteCount } from "../values/byte-count.ts";

const { bucket } = operands;

const path = (name: string): string => `/v1/buckets/${encodeURIComponent(name)}/quota`;

function size(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatByteCount(bytes);
}

function facts({ bucket: name, softBytes, hardBytes, usedBytes, reservedBytes }: QuotaAnswer) {
  return textFacts([
    ["bucket", name],
    ["soft limit", size(softBytes) ?? "none"],
    ["hard limit", size(hardBytes) ?? "none"],
    ["used", size(usedBytes)],
    ["reserved", size(reservedBytes)],
  ]);
}

/** How much a bucket may hold. */
export const quotaCommands: readonly AdminCommand[] = [
  {
    name: "quota set",
    summary: "Limits what a bucket may hold.",
    operands: [bucket],
    required: [],
    options: [options.soft, options.hard],
    example: "quota set uploads --soft 8GiB --hard 10GiB",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      const softBytes = given.optional(options.soft);
      const hardBytes = given.optional(options.hard);
      if (softBytes === undefined && hardBytes === undefined) {
        throw new ConfigError("A limit is missing", "give --soft SIZE, --hard SIZE or both");
      }
      if (softBytes !== undefined && hardBytes !== undefined && softBytes > hardBytes) {
        throw new ConfigError("--soft is above --hard", "it must be no more than --hard");
      }
      const json = await api.ask<QuotaAnswer>({
        method: "PUT",
        path: path(name),
        body: { softBytes, hardBytes },
      });
      return { json, text: facts(json) };
    },
  },
  {
    name: "quota show",
    summary: "Shows a bucket's quota and how much of it is used.",
    operands: [bucket],
    required: [],
    options: [],
    example: "quota show uploads",
    run: async (given, { api }) => {
      const asking = { method: "GET", path: path(given.required(bucket)) } as const;
      const json = await api.ask<QuotaAnswer>(asking);
      return { json, text: facts(json) };
    },
  },
  {
    name: "quota recount",
    summary: "Counts what a bucket holds, and says how far the count was off.",
    operands: [bucket],
    required: [],
    options: [],
    example: "quota recount uploads",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      const asking = { method: "POST", path: `${path(name)}/recount` } as const;
      const json = await api.ask<RecountAnswer>(asking);
      const { objects, uploads, usedBytes, driftBytes } = json;
      const drift =
        driftBytes === undefined
          ? "it was not counted before"
          : `the count was off by ${driftBytes} bytes`;
      const text = `${name} holds ${usedBytes} bytes in ${objects} objects and ${uploads} uploads; ${drift}.\n`;
      return { json, text };
    },
  },
  {
    name: "quota remove",
    summary: "Removes a bucket's quota.",
    operands: [bucket],
    required: [],
    options: [],
    example: "quota remove uploads",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      await api.ask({ method: "DELETE", path: path(name) });
      return { json: { removed: name }, text: `Bucket ${name} has no quota.\n` };
    },
  },
];

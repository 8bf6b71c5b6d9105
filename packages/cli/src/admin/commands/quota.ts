import type { QuotaAnswer } from "@holdfast/gateway";
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

function facts({ bucket: name, softBytes, hardBytes }: QuotaAnswer) {
  return textFacts([
    ["bucket", name],
    ["soft limit", size(softBytes) ?? "none"],
    ["hard limit", size(hardBytes) ?? "none"],
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
    summary: "Shows a bucket's quota.",
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

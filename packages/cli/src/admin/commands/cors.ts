import { readFile } from "node:fs/promises";
import type { CorsAnswer } from "@holdfast/gateway";
import { ConfigError } from "../../config/config-error.ts";
import { errorCode } from "../../error-code.ts";
import type { AdminCommand } from "../command.ts";
import { operands, options } from "../named-arguments.ts";

const { bucket } = operands;

const path = (name: string): string => `/v1/buckets/${encodeURIComponent(name)}/cors`;

async function rulesIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new ConfigError(
      `${file} cannot be read as JSON (${errorCode(cause) ?? "malformed"})`,
      'write rules as in {"rules":[{"allowedOrigins":["*"],"allowedMethods":["GET"]}]}',
      { cause },
    );
  }
}

/** What pages of other sites may do in a bucket. */
export const corsCommands: readonly AdminCommand[] = [
  {
    name: "cors show",
    summary: "Shows what pages of other sites may do in a bucket.",
    operands: [bucket],
    required: [],
    options: [],
    example: "cors show website",
    run: async (given, { api }) => {
      const asking = { method: "GET", path: path(given.required(bucket)) } as const;
      const json = await api.ask<CorsAnswer>(asking);
      return { json, text: `${JSON.stringify(json, undefined, 2)}\n` };
    },
  },
  {
    name: "cors set",
    summary: "Replaces a bucket's CORS rules by those of a file.",
    operands: [bucket],
    required: [options.file],
    options: [],
    example: "cors set website --file cors.json",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      const body = await rulesIn(given.required(options.file));
      const json = await api.ask<CorsAnswer>({ method: "PUT", path: path(name), body });
      return { json, text: `Bucket ${name} has ${json.rules.length} CORS rules.\n` };
    },
  },
  {
    name: "cors remove",
    summary: "Removes a bucket's CORS rules.",
    operands: [bucket],
    required: [],
    options: [],
    example: "cors remove website",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      await api.ask({ method: "DELETE", path: path(name) });
      return { json: { removed: name }, text: `Bucket ${name} has no CORS rules.\n` };
    },
  },
];

import type { AttachmentAnswer, BucketAnswer } from "@holdfast/gateway";
import { allPages } from "../all-pages.ts";
import type { AdminCommand } from "../command.ts";
import { operands, options } from "../named-arguments.ts";
import { textTable } from "../text-table.ts";

const { bucket } = operands;

const path = (name: string): string => `/v1/buckets/${encodeURIComponent(name)}/attachment`;

/** Where buckets are kept. */
export const bucketCommands: readonly AdminCommand[] = [
  {
    name: "bucket list",
    summary: "Lists the buckets and where each is kept.",
    operands: [],
    required: [],
    options: [],
    example: "bucket list",
    run: async (_given, { api }) => {
      const buckets = await allPages<BucketAnswer>(api, { path: "/v1/buckets", list: "buckets" });
      const rows = buckets.map(({ name, attachment, createdAt }) => [
        name,
        attachment === undefined ? "here" : `${attachment.upstream}: ${attachment.remoteBucket}`,
        createdAt,
      ]);
      const text = textTable(["BUCKET", "KEPT", "CREATED"], rows, "There is no bucket yet.");
      return { json: { buckets }, text };
    },
  },
  {
    name: "bucket attach",
    summary: "Has an upstream keep a bucket, under a name of its own there.",
    operands: [bucket],
    required: [options.upstream],
    options: [options.remoteBucket],
    example: "bucket attach uploads --upstream ceph --as acme-uploads",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      const upstream = given.required(options.upstream);
      const remoteBucket = given.optional(options.remoteBucket) ?? name;
      const json = await api.ask<AttachmentAnswer>({
        method: "PUT",
        path: path(name),
        body: { upstream, remoteBucket },
      });
      return { json, text: `Bucket ${name} is ${remoteBucket} of ${upstream}.\n` };
    },
  },
  {
    name: "bucket detach",
    summary: "Takes a bucket back from its upstream; what is stored there stays there.",
    operands: [bucket],
    required: [],
    options: [],
    example: "bucket detach uploads",
    run: async (given, { api }) => {
      const name = given.required(bucket);
      await api.ask({ method: "DELETE", path: path(name) });
      return { json: { detached: name }, text: `Bucket ${name} is attached to no upstream.\n` };
    },
  },
];

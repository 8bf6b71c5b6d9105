import * as v from "valibot";
import { corsMethods } from "@holdfast/protocol";
import { parseVerbs } from "./verbs.ts";

const blob = v.pipe(
  v.union([v.instance(ArrayBuffer), v.instance(Uint8Array)]),
  v.transform((value) => (value instanceof Uint8Array ? value : new Uint8Array(value))),
);
const flag = v.pipe(
  v.picklist([0, 1]),
  v.transform((value) => value === 1),
);
const number = v.nullable(v.number());

const corsRule = v.object({
  id: v.optional(v.string()),
  allowedOrigins: v.array(v.string()),
  allowedMethods: v.array(v.picklist(corsMethods)),
  allowedHeaders: v.array(v.string()),
  exposeHeaders: v.array(v.string()),
  maxAgeSeconds: v.optional(v.number()),
});

/** What the rows of the tables hold. A row that holds something else is damage. */
export const rowSchemas = {
  tenant: v.object({ name: v.string(), disabled: flag }),
  credential: v.object({
    access_key_id: v.string(),
    tenant: v.string(),
    parent: v.nullable(v.string()),
    key_id: v.string(),
    sealed_secret: blob,
    sealed_token: v.nullable(blob),
    disabled: flag,
    expires_at: number,
    requests_per_second: number,
    concurrency: number,
  }),
  grant: v.object({
    credential: v.string(),
    bucket: v.string(),
    prefix: v.string(),
    verbs: v.pipe(
      v.string(),
      v.transform(parseVerbs),
      v.custom<NonNullable<ReturnType<typeof parseVerbs>>>((set) => set !== undefined),
    ),
  }),
  attachment: v.object({
    bucket: v.string(),
    upstream: v.string(),
    remote_bucket: v.string(),
    created_at: v.number(),
  }),
  quota: v.object({ bucket: v.string(), soft_bytes: number, hard_bytes: number }),
  anonymous: v.object({ bucket: v.string(), requests_per_second: v.number() }),
  cors: v.object({
    bucket: v.string(),
    rules: v.pipe(v.string(), v.parseJson(), v.array(corsRule)),
  }),
  sealingKey: v.object({ key_id: v.string() }),
  change: v.object({ seq: v.number(), kind: v.string(), name: v.string() }),
} as const;

export type CredentialRow = v.InferOutput<typeof rowSchemas.credential>;
export type GrantRow = v.InferOutput<typeof rowSchemas.grant>;

import * as v from "valibot";
import { moment } from "./moment.ts";

const bytes = v.number();

export const bucket = v.object({
  name: v.string(),
  createdAt: moment,
  /** Where it is kept; absent for a bucket of the embedded engine. */
  attachment: v.optional(v.object({ upstream: v.string(), remoteBucket: v.string() })),
});

/** A bucket as the admin API shows it. */
export type BucketAnswer = v.InferOutput<typeof bucket>;

export const attachment = v.object({
  bucket: v.string(),
  upstream: v.string(),
  remoteBucket: v.string(),
  createdAt: moment,
});

/** Where a bucket is kept. */
export type AttachmentAnswer = v.InferOutput<typeof attachment>;

export const quota = v.object({
  bucket: v.string(),
  softBytes: v.optional(bytes),
  hardBytes: v.optional(bytes),
});

/** How much a bucket may hold. */
export type QuotaAnswer = v.InferOutput<typeof quota>;

export const binding = v.object({ bucket: v.string(), requestsPerSecond: v.number() });

/** That anybody may read a bucket. */
export type AnonymousAnswer = v.InferOutput<typeof binding>;

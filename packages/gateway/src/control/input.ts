import * as v from "valibot";
import { isBucketName } from "@holdfast/protocol";
import { ControlError } from "./control-error.ts";
import { verbs } from "./verbs.ts";

/** The library could not store it; no request can name half a surrogate pair either. */
const text = (bytesMax: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    v.maxBytes(bytesMax, `at most ${bytesMax} bytes of UTF-8`),
    v.check(
      (value) => !/\0|\p{Surrogate}/u.test(value),
      "text without NUL or half a surrogate pair",
    ),
  );

const bucket = v.pipe(v.string(), v.check(isBucketName, "the name of a bucket"));

/** A moment, in milliseconds since 1970. */
const moment = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const grant = v.strictObject({
  bucket: v.union([v.literal("*"), bucket], "the name of a bucket, or *"),
  prefix: v.optional(text(1024), ""),
  verbs: v.pipe(v.array(v.picklist(verbs)), v.minLength(1, "at least one verb")),
});

const grants = v.pipe(v.array(grant), v.minLength(1), v.maxLength(200, "at most 200 grants"));

const limits = v.strictObject({
  requestsPerSecond: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000_000))),
  concurrency: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100_000))),
});

const cursor = v.optional(text(128));

const tenantName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "1 to 63 of a-z, 0-9, dot, underscore and hyphen"),
);

const quotaBytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const pageSize = v.optional(
  v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1000)),
  100,
);

/** What each call takes, and what it takes it to mean. */
export const inputs = {
  accessKeyId: v.pipe(v.string(), v.regex(/^[A-Z0-9]{1,128}$/, "an access key id")),
  bucket,
  tenantName,
  tenant: v.strictObject({ name: tenantName }),
  tenantPage: v.strictObject({ after: cursor, limit: pageSize }),
  credential: v.strictObject({
    tenant: tenantName,
    grants,
    description: v.optional(text(256), ""),
    expiresAt: v.optional(moment),
    limits: v.optional(limits),
  }),
  sessionCredential: v.strictObject({
    parent: v.pipe(v.string(), v.regex(/^[A-Z0-9]{1,128}$/, "an access key id")),
    /** Without them it may do what its parent may. */
    grants: v.optional(grants),
    expiresAt: moment,
    description: v.optional(text(256), ""),
  }),
  credentialPage: v.strictObject({
    tenant: v.optional(tenantName),
    after: cursor,
    limit: pageSize,
  }),
  /** What is absent stays; null takes an expiry or the limits away. */
  credentialUpdate: v.strictObject({
    disabled: v.optional(v.boolean()),
    description: v.optional(text(256)),
    expiresAt: v.optional(v.nullable(moment)),
    grants: v.optional(grants),
    limits: v.optional(v.nullable(limits)),
  }),
  attachment: v.strictObject({
    bucket,
    upstream: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "the name of an upstream")),
    /** Its name there; older servers have names that would not do here. */
    remoteBucket: v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/, "the name of a bucket"),
    ),
  }),
  quota: v.pipe(
    v.strictObject({
      bucket,
      softBytes: v.optional(quotaBytes),
      hardBytes: v.optional(quotaBytes),
    }),
    v.check(
      ({ softBytes, hardBytes }) => softBytes !== undefined || hardBytes !== undefined,
      "softBytes, hardBytes, or both",
    ),
    v.check(
      ({ softBytes = 0, hardBytes = Infinity }) => softBytes <= hardBytes,
      "softBytes that are no more than hardBytes",
    ),
  ),
  anonymous: v.strictObject({
    bucket,
    requestsPerSecond: v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000_000)),
  }),
} as const;

/** A value that passed, or `invalid_field` with the field and what it expects; never with the value. */
export function checked<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value, {
    abortEarly: true,
    message: ({ expected }) => expected ?? "another value",
  });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ControlError("invalid_field", {
    field: v.getDotPath(issue) ?? "",
    expects: issue.message,
  });
}

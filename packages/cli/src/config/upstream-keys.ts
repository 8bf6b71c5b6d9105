import * as v from "valibot";
import type { SectionKey } from "./section.ts";

const path = v.pipe(v.string(), v.minLength(1));

function isEndpoint(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
}

const endpoint = v.pipe(v.string(), v.check(isEndpoint));

const milliseconds = v.optional(
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_600_000)),
);
const expectsMilliseconds = "a whole number of milliseconds, up to an hour";

/** What is to be known of an S3 server that keeps buckets. It never holds a secret. */
export const upstreamKeys = {
  endpoints: {
    description:
      "Where it is: one URL, or a list of several that keep the same buckets and stand in for each other.",
    expects: "https://HOST or http://HOST:PORT, without a path, or a list of such",
    schema: v.pipe(
      v.union([
        v.pipe(
          endpoint,
          v.transform((one) => [one]),
        ),
        v.pipe(v.array(endpoint), v.minLength(1), v.maxLength(16)),
      ]),
    ),
  },
  region: {
    description: "The region that its requests are signed for.",
    expects: "1 to 64 letters a-z, digits and hyphens",
    default: "us-east-1",
    schema: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/)), "us-east-1"),
  },
  credentialEnv: {
    description:
      "What the variables with its credential begin with: CEPH for CEPH_ACCESS_KEY_ID, CEPH_SECRET_ACCESS_KEY and, when it is set, CEPH_SESSION_TOKEN.",
    expects: "letters A-Z, digits and underscores",
    schema: v.optional(v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,63}$/))),
  },
  credentialFile: {
    description:
      'A file that only its owner can read, with its credential as {"accessKeyId":"…","secretAccessKey":"…"}.',
    expects: "the path of a file",
    isPath: true,
    schema: v.optional(path),
  },
  addressing: {
    description: "Where a bucket's name stands: in the path, or in front of the host.",
    expects: "path or virtual",
    default: "path",
    schema: v.optional(v.picklist(["path", "virtual"])),
  },
  caFile: {
    description: "Certificates in PEM that are trusted instead of the system's.",
    expects: "the path of a file",
    isPath: true,
    schema: v.optional(path),
  },
  checksumTrailers: {
    description:
      "Whether checksums that come behind a body go on behind it; false for servers that do not know that form.",
    expects: "true or false",
    schema: v.optional(v.boolean()),
  },
  connectTimeoutMs: {
    description: "How long a connection may take, TLS included.",
    expects: expectsMilliseconds,
    default: "5000",
    schema: milliseconds,
  },
  headersTimeoutMs: {
    description:
      "How long it may take from the last byte of a request to the beginning of its answer.",
    expects: expectsMilliseconds,
    default: "60000",
    schema: milliseconds,
  },
  idleTimeoutMs: {
    description: "How long an answer, or a request that is sent, may stand still.",
    expects: expectsMilliseconds,
    default: "30000",
    schema: milliseconds,
  },
  connectionsMax: {
    description: "Connections to each endpoint; requests past it wait for one.",
    expects: "a whole number above 0",
    default: "256",
    schema: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  },
} as const satisfies Record<string, SectionKey>;

const upstreamSchema = v.strictObject({
  endpoints: upstreamKeys.endpoints.schema,
  region: upstreamKeys.region.schema,
  credentialEnv: upstreamKeys.credentialEnv.schema,
  credentialFile: upstreamKeys.credentialFile.schema,
  addressing: upstreamKeys.addressing.schema,
  caFile: upstreamKeys.caFile.schema,
  checksumTrailers: upstreamKeys.checksumTrailers.schema,
  connectTimeoutMs: upstreamKeys.connectTimeoutMs.schema,
  headersTimeoutMs: upstreamKeys.headersTimeoutMs.schema,
  idleTimeoutMs: upstreamKeys.idleTimeoutMs.schema,
  connectionsMax: upstreamKeys.connectionsMax.schema,
} satisfies Record<keyof typeof upstreamKeys, v.GenericSchema>);

export const upstreamsSchema = v.optional(
  v.record(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/)), upstreamSchema),
  {},
);

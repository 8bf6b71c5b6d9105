import {
  fromDefaultChain,
  fromSharedFiles,
  S3Client,
  type Addressing,
  type ProviderName,
  type S3ClientOptions,
} from "@holdfast/client";
import type { Capability } from "../capability.ts";
import type { Values } from "../config/keys.ts";
import { choice, count, flag, httpUrl, listOf, secret, text } from "../config/kind.ts";
import type { Problems, Spot } from "../config/problems.ts";
import { backendType } from "./backend-type.ts";
import { OwningS3Driver } from "./owning-s3-driver.ts";

// Records, so that the compiler asks for every name that the client knows, and for no other.
const addressings: Readonly<Record<Addressing, true>> = {
  auto: true,
  path: true,
  "virtual-hosted": true,
};
const checksums: Readonly<Record<NonNullable<S3ClientOptions["checksums"]>, true>> = {
  auto: true,
  always: true,
  never: true,
};
const providers: Readonly<Record<ProviderName, true>> = {
  aws: true,
  b2: true,
  ceph: true,
  digitalocean: true,
  gcs: true,
  holdfast: true,
  minio: true,
  r2: true,
  wasabi: true,
};

const conditions = [
  "atomic_create",
  "conditional_copy",
  "conditional_delete",
  "conditional_write",
] as const satisfies readonly Capability[];

const milliseconds = count(0, " of milliseconds (0 for none)");

const credentialKeys = {
  accessKeyId: { kind: text, meaning: "Who signs; together with `secretAccessKey`." },
  secretAccessKey: { kind: secret, meaning: "What requests are signed with." },
  sessionToken: { kind: secret, meaning: "Of temporary keys." },
  profile: { kind: text, meaning: "Signs as this profile of AWS's shared files." },
  anonymous: { kind: flag, default: "false", meaning: "Signs nothing." },
} as const;

const timeoutKeys = {
  connectMs: { kind: milliseconds, default: "5000", meaning: "To connect." },
  headersMs: { kind: milliseconds, default: "30000", meaning: "To the head of an answer." },
  idleMs: { kind: milliseconds, default: "30000", meaning: "Between two pieces of a body." },
  totalMs: { kind: milliseconds, default: "0", meaning: "Of a call with all its tries." },
} as const;

/** A bucket of S3, or of a service that speaks it. */
export const s3Backend = backendType({
  meaning: "The objects of a bucket of S3, or of a service that speaks it.",
  keys: {
    bucket: { kind: text, required: true, meaning: "The bucket, which has to be there." },
    region: {
      kind: text,
      default: "us-east-1",
      meaning: "What requests are signed for. Another one that the bucket names is learned.",
    },
    endpoint: { kind: httpUrl, default: "AWS's of the region", meaning: "Where the service is." },
    provider: {
      kind: choice(namesOf(providers)),
      default: "what the endpoint's host says",
      meaning: "Which service it is. It decides what `auto` means below.",
    },
    addressing: {
      kind: choice(namesOf(addressings)),
      default: "auto",
      meaning: "Whether the bucket stands in the path or in the host.",
    },
    checksums: {
      kind: choice(namesOf(checksums)),
      default: "auto",
      meaning: "Whether checksums are sent and verified.",
    },
    credentials: {
      keys: credentialKeys,
      meaning:
        "Who signs: a pair of keys, a profile or nobody. Left out, what AWS's own tools would find in the environment, " +
        "the shared files or the machine.",
    },
    lacks: {
      kind: listOf(choice(conditions)),
      default: "none of them",
      meaning: "The conditions that the service ignores, which a store else believes are kept to.",
    },
    attemptsMax: {
      kind: count(1),
      default: "3",
      meaning: "Tries of a request, the first included.",
    },
    connectionsMax: { kind: count(1), default: "50", meaning: "Connections at once." },
    circuitBreaker: {
      kind: flag,
      default: "false",
      meaning: "Whether calls are refused for a while after the service failed many times.",
    },
    ca: { kind: text, default: "Node's own", meaning: "Certificates to trust instead, in PEM." },
    timeouts: { keys: timeoutKeys, meaning: "Time limits." },
  },
  check({ credentials }, at, problems) {
    if (credentials !== undefined) checkSigner(credentials, [...at, "credentials"], problems);
  },
  make({ bucket, credentials, lacks, ...settings }) {
    const client = new S3Client({ ...settings, credentials: signerOf(credentials) });
    return new OwningS3Driver({ client, bucket, lacks });
  },
});

function signerOf(given: Values<typeof credentialKeys> = {}): S3ClientOptions["credentials"] {
  const { accessKeyId, secretAccessKey, sessionToken, profile, anonymous } = given;
  if (anonymous === true) return "anonymous";
  if (profile !== undefined) return fromSharedFiles({ profile });
  if (accessKeyId === undefined || secretAccessKey === undefined) return fromDefaultChain();
  return {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken?.reveal(),
  };
}

function checkSigner(given: Values<typeof credentialKeys>, at: Spot, problems: Problems): void {
  const { accessKeyId, secretAccessKey, sessionToken, profile, anonymous } = given;
  const hasKeys = [accessKeyId, secretAccessKey, sessionToken].some((key) => key !== undefined);
  const ways = [hasKeys, profile !== undefined, anonymous === true].filter((is) => is).length;
  if (ways > 1)
    problems.add(at, "must be a pair of keys, a profile or anonymous, and not two of them");
  for (const name of ["accessKeyId", "secretAccessKey"] as const) {
    if (hasKeys && given[name] === undefined) {
      problems.add([...at, name], "is missing: the keys come as a pair");
    }
  }
}

function namesOf<N extends string>(record: Readonly<Record<N, true>>): readonly N[] {
  const names: N[] = [];
  for (const name in record) names.push(name);
  return names;
}

import * as fc from "fast-check";
import type { Verb } from "@holdfast/protocol";

/** A credential to be, in the words of the run. */
export interface Kind {
  readonly tenant: "acme" | "bolt";
  readonly grants: readonly {
    readonly bucket: string;
    readonly prefix: string;
    readonly verbs: readonly Verb[];
  }[];
  readonly isDisabled: boolean;
  readonly isExpired: boolean;
  readonly isTemporary: boolean;
}

const deeds = [
  "GetObject",
  "HeadObject",
  "GetObjectTagging",
  "PutObject",
  "CopyObject",
  "DeleteObject",
  "DeleteObjects",
  "ListObjects",
  "ListObjectsV2",
  "ListMultipartUploads",
  "CreateMultipartUpload",
  "UploadPart",
  "UploadPartCopy",
  "ListParts",
  "CompleteMultipartUpload",
  "AbortMultipartUpload",
  "HeadBucket",
  "GetBucketLocation",
  "GetBucketVersioning",
  "CreateBucket",
  "DeleteBucket",
  "ListBuckets",
] as const;
export type Deed = (typeof deeds)[number];

/** How a request presents its credential, which need not be as it should. */
export type Manner =
  | "honest"
  | "wrong-secret"
  | "unknown-key"
  | "wrong-token"
  | "no-token"
  | "late";

/** One of a tenant's buckets: of its own tenant, or of the other one. */
interface Place {
  readonly nth: number;
  readonly isAbroad: boolean;
}

/** One request, before anybody knows whose it is and what is there. */
export interface Draft extends Omit<Step, "bucket" | "source"> {
  readonly place: Place;
  readonly origin: Place & { readonly key: string };
  /** Puts another credential into the slot first, under the same id. */
  readonly becomes: Kind | undefined;
}

/** One request. */
export interface Step {
  readonly slot: number;
  readonly manner: Manner;
  readonly isPresigned: boolean;
  readonly deed: Deed;
  readonly bucket: string;
  readonly key: string;
  readonly source: { readonly bucket: string; readonly key: string };
  readonly prefix: string;
  readonly delimiter: boolean;
  readonly keys: readonly string[];
  /** Which of the uploads under way; past the last it is one that never was. */
  readonly upload: number;
  /** The upload's own bucket and key, or whichever. */
  readonly ownTarget: boolean;
}

export const slots = 16;
const buckets = {
  acme: ["acme-one", "acme-two", "acme-gone"],
  bolt: ["bolt-one", "bolt-two", "bolt-gone"],
} as const;
/** Of both tenants; those called gone are made in the run, if at all. */
export const bucketNames: readonly string[] = [...buckets.acme, ...buckets.bolt];

const prefixes = ["", "in/", "in/x", "out/", "é", "../"];
export const keys = [
  "in/x",
  "in/xy",
  "in/y",
  "in",
  "out/a",
  "é/ü",
  "../in/x",
  "in/../out/a",
  "a b+c%25",
];
const verbs = ["read", "write", "list", "delete", "manage"] as const;

function often<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>, times: number): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usual, weight: times }, { arbitrary: other, weight: 1 });
}

/** True once in so many, and one more. */
function seldom(times: number): fc.Arbitrary<boolean> {
  return often<boolean>(fc.constant(false), fc.constant(true), times);
}

const kind = (tenant: Kind["tenant"]): fc.Arbitrary<Kind> =>
  fc.record({
    tenant: fc.constant(tenant),
    grants: fc.array(
      fc.record({
        bucket: often(fc.constantFrom(...buckets[tenant]), fc.constant("*"), 12),
        prefix: often(fc.constant(""), fc.constantFrom(...prefixes), 2),
        verbs: fc.oneof(fc.constant(verbs), fc.uniqueArray(fc.constantFrom(...verbs))),
      }),
      { maxLength: 5 },
    ),
    isDisabled: seldom(10),
    isExpired: seldom(10),
    isTemporary: seldom(4),
  });

export const kinds: fc.Arbitrary<Kind> = fc.oneof(kind("acme"), kind("bolt"));

/** The request that a draft becomes for a tenant. */
export function stepOf(
  { place, origin, ...draft }: Omit<Draft, "becomes">,
  { tenant }: Kind,
): Step {
  const bucketAt = ({ nth, isAbroad }: Place): string => {
    const other = tenant === "acme" ? "bolt" : "acme";
    return buckets[isAbroad ? other : tenant][nth] ?? "";
  };
  return {
    ...draft,
    bucket: bucketAt(place),
    source: { bucket: bucketAt(origin), key: origin.key },
  };
}

const place = { nth: fc.nat({ max: 2 }), isAbroad: seldom(5) };

export const drafts: fc.Arbitrary<Draft> = fc.record({
  slot: fc.nat({ max: slots - 1 }),
  becomes: often(fc.constant(undefined), kinds, 8),
  manner: often<Manner>(
    fc.constant("honest"),
    fc.constantFrom("wrong-secret", "unknown-key", "wrong-token", "no-token", "late"),
    7,
  ),
  isPresigned: seldom(3),
  deed: fc.constantFrom(...deeds),
  place: fc.record(place),
  key: fc.constantFrom(...keys),
  origin: fc.record({ ...place, key: fc.constantFrom(...keys) }),
  prefix: fc.constantFrom(...prefixes),
  delimiter: fc.boolean(),
  keys: fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 5 }),
  upload: fc.nat({ max: 9 }),
  ownTarget: seldom(1),
});

import type { Verb } from "@holdfast/protocol";
import type { Deed, Kind, Manner, Step } from "./step.test.support.ts";

/** What one request needs: a verb on a key of a bucket. */
interface Need {
  readonly verb: Verb;
  readonly bucket: string;
  readonly key: string;
}

type Rule = (kind: Kind, step: Step) => boolean;

const onKey =
  (verb: Verb): Rule =>
  (kind, { bucket, key }) =>
    isGranted(kind, { verb, bucket, key });
const copies: Rule = (kind, step) =>
  onKey("write")(kind, step) && isGranted(kind, { verb: "read", ...step.source });
const lists: Rule = (kind, { bucket, prefix }) =>
  isGranted(kind, { verb: "list", bucket, key: prefix });
const manages: Rule = (kind, { bucket }) => isGranted(kind, { verb: "manage", bucket, key: "" });
const sees: Rule = (kind, { bucket }) => isSeen(kind, bucket);

const rules: Readonly<Record<Deed, Rule>> = {
  GetObject: onKey("read"),
  HeadObject: onKey("read"),
  GetObjectTagging: onKey("read"),
  PutObject: onKey("write"),
  CopyObject: copies,
  DeleteObject: onKey("delete"),
  DeleteObjects: (kind, { bucket }) =>
    grantsOn(kind, bucket).some(({ verbs }) => verbs.includes("delete")),
  ListObjects: lists,
  ListObjectsV2: lists,
  ListMultipartUploads: lists,
  CreateMultipartUpload: onKey("write"),
  UploadPart: onKey("write"),
  UploadPartCopy: copies,
  ListParts: onKey("write"),
  CompleteMultipartUpload: onKey("write"),
  AbortMultipartUpload: onKey("write"),
  HeadBucket: sees,
  GetBucketLocation: sees,
  GetBucketVersioning: sees,
  CreateBucket: manages,
  DeleteBucket: manages,
  ListBuckets: () => true,
};

/** Whether somebody with these grants may do this: the rules of the documentation, written down a second time. */
export function mayDo(kind: Kind, step: Step): boolean {
  return rules[step.deed](kind, step);
}

/** Whether one of a credential's grants has the verb and covers the key. */
export function isGranted(kind: Kind, { verb, bucket, key }: Need): boolean {
  return grantsOn(kind, bucket).some(
    ({ prefix, verbs }) => verbs.includes(verb) && key.slice(0, prefix.length) === prefix,
  );
}

/** Whether a bucket is anything to this credential. */
export function isSeen(kind: Kind, bucket: string): boolean {
  return grantsOn(kind, bucket).some(({ verbs }) => verbs.length > 0);
}

function grantsOn({ grants }: Kind, bucket: string): Kind["grants"] {
  return grants.filter((one) => one.bucket === bucket || one.bucket === "*");
}

/** Why the request is not believed: status, code, reason; undefined when it is. */
export function disbelief(kind: Kind, { manner, isPresigned }: Step): string | undefined {
  const { isDisabled, isExpired, isTemporary } = kind;
  const late = isPresigned
    ? "403 AccessDenied presigned_expired"
    : "403 RequestTimeTooSkewed time_skew";
  const why: Readonly<Record<Manner, string | undefined>> = {
    honest: undefined,
    "unknown-key": "401 InvalidAccessKeyId unknown_access_key",
    late,
    "wrong-secret": "401 SignatureDoesNotMatch bad_signature",
    "wrong-token": `400 InvalidToken ${isTemporary ? "bad" : "unexpected"}_session_token`,
    "no-token": isTemporary ? "400 InvalidToken missing_session_token" : undefined,
  };
  if (why[manner] !== undefined) return why[manner];
  if (isDisabled) return "401 InvalidAccessKeyId disabled";
  if (!isExpired) return undefined;
  return isTemporary ? "400 ExpiredToken expired" : "403 AccessDenied expired";
}

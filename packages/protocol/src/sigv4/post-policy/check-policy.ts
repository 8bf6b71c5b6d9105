import { s3Error, type S3Error } from "../../errors/s3-error.ts";
import type { PolicyCondition, PostPolicy } from "./read-policy.ts";
import type { FormFields } from "./policy-signature.ts";

/** How many bytes the file of a form may have. */
export interface FileSizes {
  readonly min: number;
  readonly max: number;
}

/** The policy cannot speak of its own signature, nor of the bytes that come last. */
const free: ReadonlySet<string> = new Set(["file", "policy", "x-amz-signature"]);
const ignoredPrefix = "x-ignore-";

/**
 * Which sizes of the file the policy allows. `AccessDenied` when it has expired, when one of its conditions does not
 * hold, however many it has for one field, and for a field or a bucket that no condition speaks of.
 */
export function checkPostPolicy(
  policy: PostPolicy,
  form: { readonly fields: FormFields; readonly bucket: string; readonly now: number },
): FileSizes {
  if (form.now >= policy.expiresAt) throw denied("Policy expired.", "policy_expired");
  const fields = new Map([...form.fields, ["bucket", form.bucket]]);
  let sizes: FileSizes = { min: 0, max: Number.MAX_SAFE_INTEGER };
  const spoken = new Set<string>();
  for (const condition of policy.conditions) {
    if (condition.is === "content-length-range") {
      sizes = {
        min: Math.max(sizes.min, condition.min),
        max: Math.min(sizes.max, condition.max),
      };
    } else {
      if (!holds(condition, fields.get(condition.field) ?? "")) throw failed(condition);
      spoken.add(condition.field);
    }
  }
  // The bucket has no field of its own, and a form for all buckets is nothing that anyone means.
  const extra = [...fields.keys()].find((name) => !isFree(name) && !spoken.has(name));
  if (extra !== undefined) {
    throw denied(`no condition speaks of the field '${extra}'.`, "policy_extra_field");
  }
  const named = form.fields.get("bucket");
  if (named !== undefined && named !== form.bucket) {
    throw denied("the field 'bucket' names another bucket.", "policy_condition_failed");
  }
  return sizes;
}

function isFree(name: string): boolean {
  return free.has(name) || name.startsWith(ignoredPrefix);
}

function holds(
  { is, field, value }: Exclude<PolicyCondition, { readonly is: "content-length-range" }>,
  given: string,
): boolean {
  if (is === "eq") return given === value;
  // Each of several types must begin so, not only the first.
  const all = field === "content-type" ? given.split(/, */) : [given];
  return all.every((one) => one.startsWith(value));
}

function failed({
  is,
  field,
}: Exclude<PolicyCondition, { readonly is: "content-length-range" }>): S3Error {
  return denied(`the condition '${is}' on '${field}' does not hold.`, "policy_condition_failed");
}

function denied(fault: string, reason: string): S3Error {
  const message = `Invalid according to Policy: ${fault}`;
  return s3Error("AccessDenied", undefined, { message, reason });
}

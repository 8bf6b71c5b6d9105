import { formatIsoDate, policySignerFields, signPolicy } from "@holdfast/protocol";
import { addressOf } from "../endpoints/address.ts";
import { invalidInput } from "../operations/values.ts";
import {
  expiresAt,
  expiresSecondsOf,
  signing,
  type ExpiryInput,
  type PresignContext,
} from "./context.ts";
import * as rows from "../operations/rows.ts";

/** What a form must satisfy, in S3's words: a field's value, its beginning, or the size of the file in bytes. */
export type PostCondition =
  | readonly ["eq", field: string, value: string]
  | readonly ["starts-with", field: string, prefix: string]
  | readonly ["content-length-range", min: number, max: number];

/** A form to be filled in by a browser. */
export interface PresignPostInput extends ExpiryInput {
  readonly bucket: string;
  /** One that ends in `${filename}` takes the name of the file, after what precedes it. */
  readonly key: string;
  /** Further fields of the form with their values, each of them a condition too. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** On fields that whoever fills in the form may choose. */
  readonly conditions?: readonly PostCondition[] | undefined;
}

/** A form's address and fields; the file follows them as the field `file`. */
export interface PresignedPost {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  /** From then on it is refused; not later than the end of the credentials. */
  readonly expiresAt: Date;
}

const filename = "${filename}";

/** Signs a policy for uploads by HTML form. S3 refuses a form with any field that no condition speaks of. */
export function presignPost(context: PresignContext, input: PresignPostInput): PresignedPost {
  return signing(rows.putObject, input, () => {
    const { bucket, key, fields = {}, conditions = [] } = input;
    checkFields(fields);
    const until = expiresAt(context, expiresSecondsOf(input));
    // For what it refuses of a bucket or a key: the form's own address has no key.
    addressOf(context.endpoint, { bucket, key });
    const { host, target } = addressOf(context.endpoint, { bucket });
    const signer = policySignerFields(context);
    const policy = JSON.stringify({
      expiration: formatIsoDate(until.getTime()),
      conditions: [
        { bucket },
        keyCondition(key),
        ...Object.entries({ ...fields, ...signer }).map(([name, value]) => ({ [name]: value })),
        ...conditions.map(wordCondition),
      ],
    });
    return {
      url: `${context.endpoint.secure ? "https" : "http"}://${host}${target}`,
      fields: { key, ...fields, ...signer, ...signPolicy(policy, context) },
      expiresAt: until,
    };
  });
}

function keyCondition(key: string): object {
  if (!key.endsWith(filename)) return { key };
  return ["starts-with", "$key", key.slice(0, -filename.length)];
}

function wordCondition(condition: PostCondition): readonly unknown[] {
  if (condition[0] !== "content-length-range") {
    return [condition[0], `$${condition[1]}`, condition[2]];
  }
  const [, min, max] = condition;
  if (Number.isSafeInteger(min) && Number.isSafeInteger(max) && 0 <= min && min <= max) {
    return condition;
  }
  throw invalidInput("A content-length-range must be two whole numbers, the smaller first.");
}

/** What the signature says itself cannot be said otherwise. */
function checkFields(fields: Readonly<Record<string, string>>): void {
  const signed =
    /^(?:key|bucket|file|policy|x-amz-(?:algorithm|credential|date|security-token|signature))$/i;
  const taken = Object.keys(fields).find((name) => signed.test(name));
  if (taken !== undefined) throw invalidInput(`The field ${taken} is the signer's own.`);
}

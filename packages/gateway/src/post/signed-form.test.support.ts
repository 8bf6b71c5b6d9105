import { policySignerFields, signPolicy, type SigningCredentials } from "@holdfast/protocol";
import { credentials, region } from "../s3-subject.test.support.ts";

/** A form as a browser has it before it is sent. */
export interface FormInput {
  readonly bucket: string;
  readonly file: Buffer;
  /** Beside the key, which is `k`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Bytes that the file may have; any unless told. */
  readonly range?: readonly [min: number, max: number];
  /** Who signs, when it is not the root. */
  readonly as?: SigningCredentials;
}

/** A form whose policy is signed and fits. */
export function signedForm(input: FormInput): FormData {
  const { bucket, file, range = [0, 1e9], as = credentials } = input;
  const signing = { credentials: as, region, now: Date.now() };
  const fields = { key: "k", ...input.fields, ...policySignerFields(signing) };
  const expiration = new Date(Date.now() + 60_000).toISOString();
  const own = Object.entries(fields).map(([name, value]) => ({ [name]: value }));
  const conditions = [{ bucket }, ...own, ["content-length-range", ...range]];
  const policy = signPolicy(JSON.stringify({ expiration, conditions }), signing);
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...policy })) form.set(name, value);
  form.set("file", new Blob([file]), "cat.txt");
  return form;
}

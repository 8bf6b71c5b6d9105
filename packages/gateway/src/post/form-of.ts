import type { FileSizes } from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import type { PostedForm } from "./posted-form.ts";

/** The form that a PostObject was sent as, and what its policy says of the file. */
export function formOf({ form, fileSizes }: Authorized): {
  readonly form: PostedForm;
  readonly fileSizes: FileSizes;
} {
  if (form === undefined || fileSizes === undefined) throw new TypeError("not a form");
  return { form, fileSizes };
}

import { s3Error, type FormFields } from "@holdfast/protocol";
import type { Routed } from "../context.ts";
import { MultipartForm } from "./multipart-form.ts";
import { boundaryOf } from "./part-header.ts";

/** A form that a page sends to have its file stored, read up to the file. */
export interface PostedForm {
  /** By lower-case name. */
  readonly fields: FormFields;
  /** As whoever sends the file calls it; empty when it has no name. */
  readonly filename: string;
  /** The bytes of the file, and then the form's end. */
  file(): AsyncGenerator<Buffer, void, undefined>;
  /**
   * How many bytes the file has if the form ends with it and a line end, which the form itself says only at its end;
   * undefined when the request does not tell its length.
   */
  readonly expectedSize: number | undefined;
  /** Takes no more of the request's body. */
  close(): Promise<void>;
}

/**
 * Reads a form up to its file: within 20 KiB, since who sends it is in there and nobody has been believed yet. The
 * refusals of forms that are none are those of S3.
 */
export async function openForm({ headers, incoming }: Routed): Promise<PostedForm> {
  const parts = new MultipartForm(incoming, boundaryOf(headers["content-type"]));
  try {
    const { fields, filename, length } = await parts.head();
    const { contentLength } = incoming;
    const around = length + parts.closing.length;
    return {
      fields,
      filename,
      file: () => parts.file(),
      expectedSize: contentLength === undefined ? undefined : Math.max(0, contentLength - around),
      close: () => parts.close(),
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** The key that the form names, `${filename}` in it being what comes after the last slash of the file's name. */
export function formKey({ fields, filename }: Pick<PostedForm, "fields" | "filename">): string {
  const key = fields.get("key");
  if (key === undefined) {
    throw s3Error("UserKeyMustBeSpecified", undefined, { extra: { ArgumentName: "key" } });
  }
  const [name = ""] = /[^/\\]*$/.exec(filename) ?? [];
  // A function, for in a string of replacement a dollar would mean something.
  return key.replaceAll("${filename}", () => name);
}

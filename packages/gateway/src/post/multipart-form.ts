import { s3Error, type FormFields, type S3Error } from "@holdfast/protocol";
import { malformedForm, readPartHeader, type PartHeader } from "./part-header.ts";

/** What stands in a form before the bytes of its file. */
export interface FormHead {
  /** By lower-case name. */
  readonly fields: FormFields;
  /** Of the file, as whoever sends it calls it; empty when it has no name. */
  readonly filename: string;
  /** How many bytes of the body come before those of the file. */
  readonly length: number;
}

/** All that stands before the file, as it stands on the wire: API/sigv4-HTTPPOSTForms. */
const headBytesMax = 20 * 1024;
/** What may stand after it, which is read to be ignored. */
const tailBytesMax = 20 * 1024;
const fieldsMax = 128;

const lineEnd = Buffer.from("\r\n");
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A `multipart/form-data` body, read once from its beginning to its end, in memory that does not grow with it. What comes
 * out does not depend on the pieces in which the bytes come in.
 */
export class MultipartForm {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  /** Read, and not yet taken. */
  #held: Buffer = Buffer.alloc(0);
  #taken = 0;
  /** Where in the body the present section must have ended. */
  #end = headBytesMax;
  #tooLong = (): S3Error => s3Error("MaxPostPreDataLengthExceededError");

  constructor(source: AsyncIterable<Buffer>, boundary: string) {
    this.#pieces = source[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** What the form ends with after the file, when nothing comes behind it. */
  get closing(): Buffer {
    return Buffer.concat([this.#delimiter, Buffer.from("--\r\n")]);
  }

  /** Reads all fields up to the file. `IncorrectNumberOfFilesInPostRequest` when there is none. */
  async head(): Promise<FormHead> {
    const start = this.#lineStart;
    if (!(await this.#take(start.length)).equals(start)) throw malformedForm("no_boundary");
    const fields = new Map<string, string>();
    for (;;) {
      const part = await this.#part();
      if (part === undefined) throw s3Error("IncorrectNumberOfFilesInPostRequest");
      if (part.name === "file") {
        return { fields, filename: part.filename ?? "", length: this.#taken };
      }
      if (fields.has(part.name)) throw repeatedField(part.name);
      fields.set(part.name, decode(this.#checked(await this.#upTo(this.#delimiter))));
      if (fields.size > fieldsMax) throw this.#tooLong();
    }
  }

  /**
   * The bytes of the file. Throws, at the latest after the last of them, unless the form ends as a form does; fields behind
   * the file are ignored, as S3 ignores them, and a second file is `IncorrectNumberOfFilesInPostRequest`.
   */
  async *file(): AsyncGenerator<Buffer, void, undefined> {
    const start = this.#lineStart;
    let held = this.#held;
    while (held.length < start.length) held = Buffer.concat([held, await this.#next()]);
    this.#checked(held);
    for (;;) {
      const at = held.indexOf(this.#delimiter);
      const rest = at === -1 ? this.#beginningAtEnd(held) : at;
      if (rest > 0) yield held.subarray(0, rest);
      if (at !== -1) {
        this.#held = held.subarray(at + this.#delimiter.length);
        break;
      }
      const piece = await this.#next();
      held = rest === held.length ? piece : Buffer.concat([held.subarray(rest), piece]);
    }
    await this.#tail();
  }

  /** Takes no more of the body. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #tail(): Promise<void> {
    this.#taken = 0;
    this.#end = tailBytesMax;
    this.#tooLong = () => malformedForm("long_tail");
    for (;;) {
      const part = await this.#part();
      if (part === undefined) break;
      if (part.name === "file") throw s3Error("IncorrectNumberOfFilesInPostRequest");
      this.#checked(await this.#upTo(this.#delimiter));
    }
    let length = this.#held.length;
    for (;;) {
      if (this.#taken + length > this.#end) throw this.#tooLong();
      const step = await this.#pieces.next();
      if (step.done === true) return;
      length += step.value.length;
    }
  }

  /** What follows a delimiter: a part, or nothing when it was the last. */
  async #part(): Promise<PartHeader | undefined> {
    const after = await this.#take(2);
    if (after.equals(Buffer.from("--"))) return undefined;
    if (!after.equals(lineEnd)) throw malformedForm("bad_delimiter");
    const lines: string[] = [];
    for (;;) {
      const line = decode(await this.#upTo(lineEnd));
      if (line === "") break;
      lines.push(line);
    }
    const { name, filename } = readPartHeader(lines);
    if (this.#taken > this.#end) throw this.#tooLong();
    return { name: name.toLowerCase(), filename };
  }

  get #lineStart(): Buffer {
    return this.#delimiter.subarray(lineEnd.length);
  }

  /** Other readers take the empty line behind a header for the beginning of a delimiter. */
  #checked(content: Buffer): Buffer {
    const start = this.#lineStart;
    if (content.subarray(0, start.length).equals(start)) throw malformedForm("boundary_in_content");
    return content;
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#held.length < length) await this.#more();
    const taken = this.#held.subarray(0, length);
    this.#drop(length);
    return taken;
  }

  async #upTo(mark: Buffer): Promise<Buffer> {
    let from = 0;
    for (;;) {
      const at = this.#held.indexOf(mark, from);
      if (at !== -1) {
        const before = this.#held.subarray(0, at);
        this.#drop(at + mark.length);
        return before;
      }
      from = Math.max(0, this.#held.length - mark.length + 1);
      await this.#more();
    }
  }

  #drop(length: number): void {
    this.#taken += length;
    this.#held = this.#held.subarray(length);
  }

  async #more(): Promise<void> {
    if (this.#taken + this.#held.length > this.#end) throw this.#tooLong();
    this.#held = Buffer.concat([this.#held, await this.#next()]);
  }

  async #next(): Promise<Buffer> {
    const step = await this.#pieces.next();
    if (step.done === true) throw malformedForm("open_form");
    return step.value;
  }

  /** Where, at the end of these bytes, a delimiter may begin that the next ones go on with. */
  #beginningAtEnd(bytes: Buffer): number {
    const from = Math.max(0, bytes.length - this.#delimiter.length + 1);
    // A boundary has no line end: only the last one can be the delimiter's.
    const at = bytes.lastIndexOf("\r");
    if (at < from) return bytes.length;
    const tail = bytes.subarray(at);
    return tail.equals(this.#delimiter.subarray(0, tail.length)) ? at : bytes.length;
  }
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw malformedForm("field_not_utf8", cause);
  }
}

function repeatedField(name: string): S3Error {
  return s3Error("InvalidArgument", undefined, {
    message: "A field of the form stands there more than once.",
    extra: { ArgumentName: name, ArgumentValue: "" },
    reason: "repeated_field",
  });
}

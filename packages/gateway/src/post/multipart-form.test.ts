import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { S3Error } from "@holdfast/protocol";
import { MultipartForm } from "./multipart-form.ts";
import { boundaryOf } from "./part-header.ts";

interface Read {
  readonly fields: Readonly<Record<string, string>>;
  readonly filename: string;
  readonly file: string;
  /** What of the body comes before the file. */
  readonly before: string;
}

/** Cut into pieces of these sizes in turn. */
async function* cut(body: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let turn = 0; at < body.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? body.length;
    yield body.subarray(at, at + size);
    at += size;
  }
}

async function read(
  body: Buffer,
  { boundary = "b", sizes = [body.length || 1] }: { boundary?: string; sizes?: readonly number[] } = {},
): Promise<Read | string> {
  const form = new MultipartForm(cut(body, sizes), boundary);
  try {
    const { fields, filename, length } = await form.head();
    const pieces: Buffer[] = [];
    for await (const piece of form.file()) {
      expect(piece.length).toBeGreaterThan(0);
      pieces.push(Buffer.from(piece));
    }
    const file = Buffer.concat(pieces).toString("latin1");
    const before = body.toString("latin1", 0, length);
    return { fields: Object.fromEntries(fields), filename, file, before };
  } catch (error) {
    if (S3Error.is(error)) return error.code;
    throw error;
  }
} // prettier-ignore

interface Named {
  readonly name: string | undefined;
  readonly filename: string;
  readonly value: string;
}

function nameOf(section: RegExpExecArray | null): Named {
  const [, header = "", value = ""] = section ?? [];
  const disposition = /^content-disposition: form-data; name="([^"\\]+)"(?:; filename="([^"\\]*)")?\r\n/i;
  const [, name, filename = ""] = disposition.exec(header) ?? [];
  return { name: name?.toLowerCase(), filename, value };
} // prettier-ignore

/**
 * The same by splitting the whole body at once, written apart from the parser: it knows only forms that are well made, and
 * takes all others for none.
 */
function oracle(body: Buffer, boundary: string): Read | undefined {
  const text = `\r\n${body.toString("latin1")}`;
  const mark = `\r\n--${boundary}`;
  const sections = text.split(mark);
  const last = sections.findIndex((section, at) => at > 0 && section.startsWith("--"));
  if (sections[0] !== "" || last === -1) return undefined;
  const parts = sections
    .slice(1, last)
    .map((section) => /^\r\n((?:[^\r\n]+\r\n)+)\r\n([^]*)$/.exec(section));
  const named = parts.map((one) => nameOf(one));
  const names = named.map(({ name }) => name);
  const at = names.indexOf("file");
  if (names.includes(undefined) || names.lastIndexOf("file") !== at) return undefined;
  const found = named[at];
  if (found === undefined) return undefined;
  const fields = named.slice(0, at);
  if (new Set(fields.map(({ name }) => name)).size !== fields.length) return undefined;
  const length = sections.slice(0, at + 2).join(mark).length - found.value.length;
  return {
    fields: Object.fromEntries(fields.map((one) => [one.name ?? "", one.value])),
    filename: found.filename,
    file: found.value,
    before: text.slice(2, length),
  };
}

const part = (name: string, value: string, rest = ""): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n\r\n${value}\r\n`;
const file = (value: string, rest = '; filename="f"'): string => part("file", value, rest);
const form = (...parts: readonly string[]): Buffer =>
  Buffer.from(`${parts.join("")}--b--\r\n`, "latin1");

describe("any bytes", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  /** What a delimiter is made of, so that the content is full of beginnings of it. */
  const near = fc
    .array(fc.oneof({ weight: 20, arbitrary: fc.constantFrom("\r", "\n", "-", "b", "\r\n--", "x", "\0", "\xff") }, { weight: 1, arbitrary: fc.constantFrom("\r\n--b", "--b--") }), { maxLength: 12 })
    .map((pieces) => pieces.join(""));
  const ascii = near.map((text) => text.replaceAll("\xff", "y"));
  const name = fc.constantFrom("key", "Key", "policy", "x-amz-meta-a", "file", "__proto__");
  const made = fc
    .record({
      before: fc.array(fc.tuple(name, ascii), { maxLength: 3 }),
      content: near,
      after: fc.array(fc.tuple(name, ascii), { maxLength: 2 }),
      end: fc.constantFrom("--b--\r\n", "--b--\r\n", "--b--\r\n", "--b--", "--b--\r\nepilogue", "--b", ""),
    })
    .map(({ before, content, after, end }) =>
      Buffer.from(
        [...before.map(([one, value]) => part(one, value)), file(content), ...after.map(([one, value]) => part(one, value)), end].join(""),
        "latin1",
      ),
    );

  test("of a form that is well made come out as a reader of the whole body sees them, and of no other", async () => {
    let agreed = 0;
    const property = fc.asyncProperty(made, sizes, async (body, pieces) => {
      const expected = oracle(body, "b");
      const got = await read(body, { sizes: pieces });
      if (expected === undefined) {
        expect(typeof got).toBe("string");
      } else {
        agreed += 1;
        expect(got).toEqual(expected);
      }
    });
    await fc.assert(property, { numRuns: 3000 });
    expect(agreed).toBeGreaterThan(500);
  });

  test("mean the same in whatever pieces they come", async () => {
    const spoiled = fc.tuple(made, fc.nat(), fc.nat(255)).map(([body, at, byte]) => {
      const copy = Buffer.from(body);
      if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });
    const property = fc.asyncProperty(fc.oneof(made, spoiled), sizes, async (body, pieces) => {
      expect(await read(body, { sizes: pieces })).toEqual(await read(body));
    });
    await fc.assert(property, { numRuns: 2000 });
  });
}); // prettier-ignore

const malformed = "MalformedPOSTRequest";
test.each<[string, Buffer, string]>([
  ["nothing", Buffer.alloc(0), malformed],
  ["something ahead of the first boundary", Buffer.from(`x\r\n${form(file("a")).toString()}`), malformed],
  ["another boundary", Buffer.from(form(file("a")).toString().replaceAll("--b", "--c")), malformed],
  ["a boundary that goes on", Buffer.from(`--bx${form(file("a")).toString().slice(3)}`), malformed],
  ["no file", form(part("key", "k")), "IncorrectNumberOfFilesInPostRequest"],
  ["no field at all", Buffer.from("--b--\r\n"), "IncorrectNumberOfFilesInPostRequest"],
  ["two files", form(file("a"), file("b")), "IncorrectNumberOfFilesInPostRequest"],
  ["no end", Buffer.from(file("a")), malformed],
  ["no end of the file", Buffer.from(file("a").slice(0, -2)), malformed],
  ["a part without a header", Buffer.from("--b\r\n\r\na\r\n--b--\r\n"), malformed],
  ["a part without a name", form('--b\r\nContent-Disposition: form-data; filename="a"\r\n\r\na\r\n'), malformed],
  ["a part that is no form data", form('--b\r\nContent-Disposition: attachment; name="a"\r\n\r\na\r\n'), malformed],
  ["a part of two names", form('--b\r\nContent-Disposition: form-data; name="a"; name="b"\r\n\r\na\r\n'), malformed],
  ["a part of two dispositions", form(`--b\r\nContent-Disposition: form-data; name="a"\r\n${part("b", "").slice(5)}`), malformed],
  ["a name whose quote is open", form('--b\r\nContent-Disposition: form-data; name="a\r\n\r\na\r\n'), malformed],
  ["a header without a colon", form("--b\r\nContent-Disposition\r\n\r\na\r\n"), malformed],
  ["a file in base64", form(file("YQ==", '; filename="f"\r\nContent-Transfer-Encoding: base64')), malformed],
  ["a field that is not UTF-8", form(part("a", "\xff"), file("")), malformed],
  ["a field twice, in other letters", form(part("Key", "a"), part("kEY", "b"), file("")), "InvalidArgument"],
  ["129 fields", form(...Array.from({ length: 129 }, (_, at) => part(`f${at}`, "")), file("")), "MaxPostPreDataLengthExceededError"],
  ["more than 20 KiB behind the file", form(file(""), part("a", "x".repeat(20 * 1024))), malformed],
  ["an epilogue of more than 20 KiB", Buffer.concat([form(file("")), Buffer.alloc(20 * 1024, "x")]), malformed],
])("a form with %s is none", async (_what, body, code) => {
  for (const sizes of [[body.length || 1], [1], [7, 1000]]) expect(await read(body, { sizes })).toBe(code);
}); // prettier-ignore

test("20 KiB ahead of the file are read, and one byte more is too much", async () => {
  const around = form(part("a", ""), file("")).length - "\r\n--b--\r\n".length;
  const most = 20 * 1024 - around;
  for (const sizes of [[1024], [1 << 20], [20 * 1024, 1]]) {
    const fits = await read(form(part("a", "x".repeat(most)), file("whole")), { sizes });
    expect(fits).toMatchObject({ file: "whole" });
    const more = await read(form(part("a", "x".repeat(most + 1)), file("whole")), { sizes });
    expect(more).toBe("MaxPostPreDataLengthExceededError");
  }
});

test.each<[string, string, string]>([
  ["a browser writes a quote", '; filename="a%22b.txt"', "a%22b.txt"],
  ["others write a quote", String.raw`; filename="a\"b\\c.txt"`, String.raw`a"b\c.txt`],
  ["a path of Windows is written", String.raw`; filename="C:\dir\a.txt"`, String.raw`C:\dir\a.txt`],
  ["a name stands without quotes", "; filename=a.txt", "a.txt"],
  ["there is no name", "", ""],
  ["a type stands behind", '; filename="a"\r\nContent-Type: text/plain', "a"],
])("the name of the file is read where %s", async (_what, rest, filename) => {
  expect(await read(form(file("x", rest)))).toMatchObject({ filename, file: "x" });
});

test("a file of 8 MiB goes through in little memory, and is what was sent", async () => {
  const piece = Buffer.from(`${"\r\n--".repeat(4000)}x`);
  const head = Buffer.from(file("").slice(0, -2));
  async function* source(): AsyncGenerator<Buffer> {
    yield head;
    for (let turn = 0; turn < 512; turn += 1) yield piece;
    yield Buffer.from("\r\n--b--\r\n");
  }
  const parts = new MultipartForm(source(), "b");
  await parts.head();
  let bytes = 0;
  for await (const one of parts.file()) {
    expect(one.length).toBeLessThanOrEqual(piece.length + 70);
    bytes += one.length;
  }
  expect(bytes).toBe(piece.length * 512);
});

test.each([
  ["multipart/form-data; boundary=a-b", "a-b"],
  ['Multipart/Form-Data; charset=utf-8; boundary="a b:c"', "a b:c"],
  ["multipart/form-data", "MalformedPOSTRequest"],
  ["multipart/form-data; boundary=", "MalformedPOSTRequest"],
  [`multipart/form-data; boundary=${"b".repeat(71)}`, "MalformedPOSTRequest"],
  ['multipart/form-data; boundary="b "', "MalformedPOSTRequest"],
  ["multipart/form-data; boundary=a; boundary=b", "MalformedPOSTRequest"],
  ["multipart/form-dataX; boundary=a", "RequestIsNotMultiPartContent"],
  ["application/x-www-form-urlencoded", "RequestIsNotMultiPartContent"],
  [undefined, "RequestIsNotMultiPartContent"],
])("%s comes to the boundary %s", (type, expected) => {
  const outcome = (): string => {
    try {
      return boundaryOf(type);
    } catch (error) {
      return S3Error.is(error) ? error.code : "no S3 error";
    }
  };
  expect(outcome()).toBe(expected);
});

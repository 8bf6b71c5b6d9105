import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireFailure } from "../errors/wire-failure.ts";
import { readIni, type Section } from "./ini.ts";

interface Plain {
  readonly [name: string]: string | Plain;
}

function plain(section: Section): Plain {
  return Object.fromEntries(
    [...section].map(([name, { value, nested }]) => [
      name,
      nested.size > 0 ? plain(nested) : value,
    ]),
  );
}

const read = (text: string): Plain =>
  Object.fromEntries([...readIni(text, "file")].map(([name, section]) => [name, plain(section)]));

function refusal(text: string): string {
  try {
    readIni(text, "dir/config");
    return "read";
  } catch (error) {
    if (!(error instanceof WireFailure)) throw error;
    expect(error.fields.code).toBe("InvalidConfiguration");
    return error.message;
  }
}

describe("what AWS's tools read", () => {
  test("comments and empty lines say nothing; names are lower-case, values stay as they are", () => {
    const text = `\uFEFF# a comment\r
; another\r
\r
[default] # of a section
Region=eu-west-1 ; why
 \t
output =  JSON#not a comment
  # indented comment
empty =
[profile "a b"];x
k==v=`;
    expect(read(text)).toEqual({
      default: { region: "eu-west-1", output: "JSON#not a comment", empty: "" },
      'profile "a b"': { k: "=v=" },
    });
  });

  test("what is indented below a name without value is nested, and what is below a value goes on with it", () => {
    const text =
      "[a]\ns3 =\n  addressing_style = path\n\n  endpoint_url = http://x\nlong = one\n\ttwo\nlast=1";
    expect(read(text)).toEqual({
      a: {
        s3: { addressing_style: "path", endpoint_url: "http://x" },
        long: "one\ntwo",
        last: "1",
      },
    });
  });

  test("a file that is indented throughout is read like one that is not", () => {
    const text = "  [a]\n  x = 1\n  y =\n    z = 2\n  [b]\n    x = 3\n    y = 4";
    expect(read(text)).toEqual({ a: { x: "1", y: { z: "2" } }, b: { x: "3", y: "4" } });
  });

  test("a section that stands twice is one, and the later of two equal names wins", () => {
    expect(read("[a]\nx=1\ny=1\n[b]\n[a]\nx=2")).toEqual({ a: { x: "2", y: "1" }, b: {} });
  });

  test("names of prototypes are names like any other", () => {
    const sections = readIni("[__proto__]\nconstructor = 1\n__proto__ = 2", "file");
    const section = sections.get("__proto__");
    expect([...(section ?? [])].map(([name, { value }]) => [name, value])).toEqual([
      ["constructor", "1"],
      ["__proto__", "2"],
    ]);
    expect(Reflect.get({}, "constructor")).toBe(Object);
  });
});

describe("what cannot be read is refused with file and line, and without what stands there", () => {
  test.each([
    ["x = s3cr3t", "dir/config:1: stands before any section."],
    ["[a]\n\ns3cr3t", "dir/config:3: is neither [name] nor name = value."],
    ["[a]\r\n= s3cr3t", "dir/config:2: is neither [name] nor name = value."],
    ["[a]\r\n[s3cr3t", "dir/config:2: begins like a section, but is not [name]."],
    ["[]", "dir/config:1: begins like a section, but is not [name]."],
    ["[a] s3cr3t", "dir/config:1: begins like a section, but is not [name]."],
    ["[a]\ns3 =\n  s3cr3t", "dir/config:3: is neither [name] nor name = value."],
  ])("%j", (text, message) => {
    expect(refusal(text)).toBe(message);
  });
});

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

describe(`properties (HOLDFAST_SEED=${seed})`, () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/);
  const value = fc
    .string({ minLength: 1, maxLength: 20 })
    .map((text) => text.replace(/[\r\n]/g, ""))
    .filter((text) => text === text.trim() && text !== "" && !/(?:^|\s)[#;]/.test(text));
  const space = fc.constantFrom("", " ", "\t", "   ");
  const comment = fc.constantFrom("", "# c", "  ; c = d", "\t# [x]");
  const settings = fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true });
  const nested = fc.dictionary(name, settings, { maxKeys: 2, noNullPrototype: true });
  const file = fc.dictionary(name, fc.tuple(settings, nested), {
    maxKeys: 4,
    noNullPrototype: true,
  });

  test("a file written in any layout is read as what was meant", () => {
    const layout = fc.record({ file, space, comment, end: fc.constantFrom("\n", "\r\n", "\r") });
    fc.assert(
      fc.property(layout, ({ file: meant, space: gap, comment: note, end }) => {
        const line = (key: string, text: string): string => `${key}${gap}=${gap}${text}`;
        const lines = Object.entries(meant).flatMap(([section, [flat, deep]]) => [
          note,
          `[${gap}${section}${gap}]`,
          ...Object.entries(deep).flatMap(([key, inner]) => [
            line(key, ""),
            ...Object.entries(inner).flatMap(([k, v]) => [`  ${line(k, v)}`, note]),
          ]),
          ...Object.entries(flat).map(([k, v]) => line(k, v)),
        ]);
        const expected = Object.fromEntries(
          Object.entries(meant).map(([section, [flat, deep]]) => {
            const blank = Object.entries(deep).map(([key, inner]) => [
              key,
              Object.keys(inner).length > 0 ? inner : "",
            ]);
            return [section, { ...Object.fromEntries(blank), ...flat }];
          }),
        );
        expect(read(lines.join(end))).toEqual(expected);
      }),
      { seed },
    );
  });

  test("any text is read or refused with a line that it has, and no word of it is told", () => {
    const piece = fc.constantFrom("[", "]", "=", " ", "\n", "\r", "#", ";", "s3cr3t", "a", "\t");
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const message = refusal(text);
        if (message === "read") return;
        const line = Number(/^dir\/config:(\d+): /.exec(message)?.[1]);
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(text.split(/\r\n|[\r\n]/).length);
        expect(message).not.toContain("s3cr3t");
      }),
      { seed, numRuns: 500 },
    );
  });

  test("a megabyte of anything takes no longer than its length", () => {
    const began = performance.now();
    for (const unit of [" ", "\t#", "a=", "[", "x\n y\n", "a ; "])
      refusal(`[a]\n${unit.repeat(2 ** 20 / unit.length)}`);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

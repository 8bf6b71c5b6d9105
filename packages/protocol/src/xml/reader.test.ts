import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { childNamed, childText, childrenNamed } from "./element.ts";
import { readXml, type XmlLimits } from "./reader.ts";
import { renderXml, type XmlField } from "./writer.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, limits?: XmlLimits) => readXml(bytes(text), limits);
const refused = (reason: string) => expect.objectContaining({ code: "MalformedXML", reason });

/** Whether a body was read, or the code it was refused with; any other error goes on to the test. */
function outcome(body: Uint8Array): string {
  try {
    readXml(body);
    return "read";
  } catch (error) {
    if (!S3Error.is(error)) throw error;
    return error.code;
  }
}

/** Any Unicode text, control characters included, without halves of surrogate pairs. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(...Array.from("<>&\"' \t\r\n\0\u0001\u001F\u0085\uFFFE😀;]#x0")),
  }),
);

const valid =
  '<?xml version="1.0" encoding="UTF-8"?>\n<!-- parts --><s3:Delete xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/">' +
  "<Object><Key>a &amp; b&#x1F600;</Key><VersionId/></Object ><?pi x?><![CDATA[ <raw> ]]><Quiet>true</Quiet></s3:Delete>";

describe("what is read is what was meant", () => {
  test("any text survives the writer and the reader", () => {
    fc.assert(
      fc.property(text, text, (value, attribute) => {
        const document = renderXml(["Key", value, { note: attribute }]);
        expect(readXml(bytes(document))).toEqual({ name: "Key", text: value, children: [] });
      }),
      { numRuns: 2000 },
    );
  });

  test("any tree of elements survives, those named like prototype members too", () => {
    const name = fc.constantFrom("__proto__", "constructor", "toString", "Key", "a-b.c_1");
    const { tree } = fc.letrec<{ tree: XmlField }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.tuple(name, text),
        fc.tuple(name, fc.array(tie("tree"), { maxLength: 4 })),
      ),
    }));
    const expected = ([elementName, content]: XmlField): unknown =>
      Array.isArray(content)
        ? { name: elementName, text: "", children: content.map(expected) }
        : { name: elementName, text: content, children: [] };
    fc.assert(
      fc.property(tree, (root) => {
        const document = renderXml(root);
        expect(read(document)).toEqual(expected(root));
        // Tags as few write them are read by another way, and must mean the same.
        const spaced = document.replaceAll(/<(\/?[A-Za-z_][\w.-]*)>/g, "<$1 >");
        expect(read(spaced)).toEqual(expected(root));
      }),
    );
  });

  test.each([
    ["leading and trailing white space", "<K>  a\t\n </K>", "  a\t\n "],
    ["a raw carriage return", "<K>a\r\nb</K>", "a\r\nb"],
    ["what looks like a number", "<K>0x10</K>", "0x10"],
    ["leading zeros", "<K>007</K>", "007"],
    ["a supplementary character by decimal reference", "<K>&#128512;</K>", "😀"],
    ["a supplementary character by hexadecimal reference", "<K>&#x1f600;</K>", "😀"],
    ["the neighbours of surrogates", "<K>&#xD7FF;&#xE000;&#x10FFFF;</K>", "\uD7FF\uE000\u{10FFFF}"],
    ["the five entities", "<K>&lt;&gt;&amp;&quot;&apos;</K>", "<>&\"'"],
    ["an escaped ampersand once only", "<K>&amp;lt;</K>", "&lt;"],
    ["control characters by reference", "<K>&#1;&#x0;&#xB;</K>", "\u0001\0\v"],
    ["a control character sent raw", "<K>\u0001</K>", "\u0001"],
    ["CDATA, references in it left alone", "<K>a<![CDATA[<&amp;>]]>b</K>", "a<&amp;>b"],
    ["nothing of comments and instructions", "<K>a<!-- b --><?c d?>e</K>", "ae"],
    ["a byte order mark left out", "\uFEFF<K>a</K>", "a"],
    ["an empty element", "<K />", ""],
  ])("%s", (_, document, expected) => {
    expect(read(document).text).toBe(expected);
  });

  test("a prefix is dropped and white space between elements is the parent's text", () => {
    const root = read('<a:Tagging xmlns:a="x">\n <a:TagSet/>\n</a:Tagging>');
    expect(root).toEqual({
      name: "Tagging",
      text: "\n \n",
      children: [{ name: "TagSet", text: "", children: [] }],
    });
  });

  test("children are found by name, and none is found that was not sent", () => {
    const root = read("<R><A>1</A><B>2</B><A>3</A></R>");
    expect(childText(root, "B")).toBe("2");
    expect(childText(root, "toString")).toBeUndefined();
    expect(childNamed(root, "__proto__")).toBeUndefined();
    expect(childrenNamed(root, "A").map((child) => child.text)).toEqual(["1", "3"]);
  });

  test("a field sent twice, or holding elements, is refused instead of guessed", () => {
    const root = read("<R><A>1</A><A>2</A><B>x<C/></B></R>");
    expect(() => childText(root, "A")).toThrow(refused("xml_duplicate"));
    expect(() => childText(root, "B")).toThrow(refused("xml_not_text"));
  });
});

describe("what is not a document is refused", () => {
  test("every truncation of a valid document", () => {
    const whole = bytes(valid);
    expect(childText(readXml(whole), "Quiet")).toBe("true");
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => readXml(whole.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: "MalformedXML" }),
      );
    }
  });

  test.each([
    ["nothing", "", "xml_unclosed"],
    ["white space alone", " \n", "xml_unclosed"],
    ["text before the root", "x<R/>", "xml_text_outside"],
    ["text after the root", "<R/>x", "xml_text_outside"],
    ["CDATA outside the root", "<![CDATA[x]]><R/>", "xml_text_outside"],
    ["a second root", "<R/><R/>", "xml_two_roots"],
    ["an unclosed root", "<R><A></A>", "xml_unclosed"],
    ["crossed tags", "<R><A></R></A>", "xml_mismatched"],
    ["an end tag alone", "</R>", "xml_mismatched"],
    ["an end tag of another prefix", "<a:R></b:R>", "xml_mismatched"],
    ["an end tag with attributes", '<R></R a="b">', "xml_syntax"],
    ["a name that is none", "<1/>", "xml_syntax"],
    ["an attribute without quotes", "<R a=b/>", "xml_syntax"],
    ["an attribute twice", '<R a="1" a="2"/>', "xml_duplicate"],
    ["a bare ampersand", "<R>a & b</R>", "xml_reference"],
    ["an entity of HTML", "<R>&nbsp;</R>", "xml_reference"],
    ["an entity in an attribute", '<R a="&x;"/>', "xml_reference"],
    ["a reference without digits", "<R>&#;&#x;</R>", "xml_reference"],
    ["a reference with a sign", "<R>&#-1;</R>", "xml_reference"],
    ["a pair of references to surrogates", "<R>&#xD83D;&#xDE00;</R>", "xml_reference"],
    ["a reference to the first surrogate", "<R>&#xD800;</R>", "xml_reference"],
    ["a reference to the last surrogate", "<R>&#57343;</R>", "xml_reference"],
    ["a reference beyond Unicode", "<R>&#x110000;</R>", "xml_reference"],
    ["a huge reference", `<R>&#${"9".repeat(1000)};</R>`, "xml_reference"],
    ["a DTD", '<!DOCTYPE R [<!ENTITY a "b">]><R>&a;</R>', "xml_dtd"],
    ["a DTD after a broken start", "<<<<!DOCTYPE R>", "xml_dtd"],
    ["a DTD in another case", "<!doctype R><R/>", "xml_syntax"],
    ["a declaration of markup", "<!ELEMENT R ANY><R/>", "xml_syntax"],
    ["a name of 65 bytes", `<${"n".repeat(65)}/>`, "xml_name_too_long"],
    ["33 levels", "<a>".repeat(33) + "</a>".repeat(33), "xml_too_deep"],
  ])("%s", (_, document, reason) => {
    expect(() => read(document)).toThrow(refused(reason));
  });

  test("limits allow exactly what they name", () => {
    expect(read("<a>".repeat(32) + "</a>".repeat(32)).name).toBe("a");
    expect(read(`<${"n".repeat(64)}/>`).name).toHaveLength(64);
    expect(read(`<R>${"<a/>".repeat(19_999)}</R>`).children).toHaveLength(19_999);
    expect(() => read(`<R>${"<a/>".repeat(20_000)}</R>`)).toThrow(refused("xml_too_many_nodes"));
    expect(read(`<R>${"<a/>".repeat(20_000)}</R>`, { nodesMax: 20_001 }).name).toBe("R");
    const attributes = Array.from({ length: 33 }, (_, i) => ` a${i}=""`);
    expect(read(`<R${attributes.slice(1).join("")}/>`).name).toBe("R");
    expect(() => read(`<R${attributes.join("")}/>`)).toThrow(refused("xml_too_many_attributes"));
    expect(read("<R/>", { bytesMax: 4 }).name).toBe("R");
    expect(() => read("<R/>", { bytesMax: 3 })).toThrow(refused("xml_too_large"));
  });

  test.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
    ["UTF-16", [0xff, 0xfe]],
  ])("%s is not UTF-8", (_, sequence) => {
    const document = Uint8Array.from([...bytes("<K>"), ...sequence, ...bytes("</K>")]);
    expect(() => readXml(document)).toThrow(refused("xml_not_utf8"));
  });
});

describe("hostile documents", () => {
  const size = 2 ** 20 - 64;
  const fill = (unit: string, before = "<R>", after = "") =>
    before + unit.repeat(Math.floor((size - before.length - after.length) / unit.length)) + after;
  const laughs = Array.from(
    { length: 9 },
    (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
  );

  test.each([
    ["a billion laughs", `<!DOCTYPE R [<!ENTITY l0 "lol">${laughs.join("")}]><R>&l9;</R>`],
    ["quadratic blowup", fill("&a;", `<!DOCTYPE R [<!ENTITY a "${"a".repeat(5e4)}">]><R>`)],
    ["an external entity", '<!DOCTYPE R [<!ENTITY x SYSTEM "file:///etc/passwd">]><R>&x;</R>'],
    ["a parameter entity", '<!DOCTYPE R [<!ENTITY % x SYSTEM "http://127.0.0.1/">%x;]><R/>'],
    ["deep nesting", fill("<a>", "")],
    ["deep nesting under prefixes", fill("<a:b>", "")],
    ["many elements", fill("<a/>")],
    ["many undefined entities", fill("&a;")],
    ["many bare ampersands", fill("&")],
    ["one endless reference", fill("0", "<R>&#", ";</R>")],
    ["references beyond Unicode", fill("&#x7FFFFFFF;")],
    ["an endless name", fill("a", "<")],
    ["an endless attribute name", fill("a", "<R ")],
    ["an endless attribute value", fill("a", '<R a="')],
    ["endless white space in a tag", fill(" ", "<R")],
    ["endless attributes of one name", fill(' a="b"', "<R")],
    ["an endless comment", fill("-", "<!--")],
    ["an endless instruction", fill("?", "<?")],
    ["endless CDATA", fill("]", "<R><![CDATA[")],
    ["openings of comments", fill("<!--", "<R>")],
    ["less-than signs", fill("<", "")],
    ["more bytes than allowed", `<R>${"a".repeat(2 ** 20)}</R>`],
  ])("%s is refused within 20 ms and keeps nothing", (_, document) => {
    const body = bytes(document);
    const attempt = (): number => {
      const start = process.cpuUsage();
      expect(() => readXml(body)).toThrow(expect.objectContaining({ code: "MalformedXML" }));
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    };
    // Processor time, and the best of five: a busy machine is not the reader's fault.
    const times = Array.from({ length: 5 }, attempt);
    expect(Math.min(...times)).toBeLessThan(20);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    attempt();
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 20);
  });

  test("a mutated document is read or refused, and nothing else happens", () => {
    const piece = fc.constantFrom(
      ...Array.from("<>/&;!?\"'=[]- \0x:"),
      "]]>",
      "<![CDATA[",
      "&#x",
      "<!--",
      "</",
      "\xFF",
    );
    const mutation = fc.record({
      at: fc.nat(valid.length),
      drop: fc.nat(12),
      insert: fc.oneof(piece, fc.string({ unit: "binary", maxLength: 4 })),
    });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
        let document = valid;
        for (const { at, drop, insert } of mutations) {
          document = document.slice(0, at) + insert + document.slice(at + drop);
        }
        expect(["read", "MalformedXML"]).toContain(outcome(bytes(document)));
      }),
      { numRuns: 5000 },
    );
  });

  test("any bytes at all are read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        expect(["read", "MalformedXML"]).toContain(outcome(body));
      }),
      { numRuns: 2000 },
    );
  });
});

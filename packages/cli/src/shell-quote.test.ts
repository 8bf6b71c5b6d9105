import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { shellQuote } from "./shell-quote.ts";

test("a shell reads back every word as it was", () => {
  const word = fc
    .oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom("'", '"', "$", "`", "\\", "\n", "!", " ") }),
    )
    .filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (words) => {
      const script = `printf '%s\\0' ${words.map(shellQuote).join(" ")}`;
      const printed = execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" });
      expect(printed.split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 30 },
  );
});

test("a word that needs no quotes has none", () => {
  expect(shellQuote("http://127.0.0.1:9000")).toBe("http://127.0.0.1:9000");
  expect(shellQuote("")).toBe("''");
});

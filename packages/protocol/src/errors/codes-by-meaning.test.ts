import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import type { ErrorMeaning, ErrorRow } from "./row.ts";
import { saysItsStatus } from "./says-its-status.test.support.ts";

const rows: readonly (readonly [string, ErrorRow])[] = Object.entries<ErrorRow>(catalogue).filter(
  ([code, row]) => !saysItsStatus(code, row),
);

/** A code and what it means; one of a code's other causes by its status, which tells it apart on the wire. */
function meaningsOf([code, row]: readonly [string, ErrorRow]): readonly [string, ErrorMeaning][] {
  const variants = Object.values(row.variants ?? {});
  return [
    [code, row],
    ...variants.map((variant): [string, ErrorMeaning] => [`${code}@${variant.status}`, variant]),
  ];
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** Codes in lines of at most 100 characters. */
function wrapped(codes: readonly string[]): string {
  const lines = [""];
  for (const code of codes) {
    const line = lines.at(-1) ?? "";
    if (line.length + code.length < 100)
      lines.splice(-1, 1, line === "" ? code : `${line},${code}`);
    else lines.push(code);
  }
  return `\`${lines.join(",\n")}\``;
}

/** A group as the formatter leaves it. */
function group([meaning, codes]: readonly [string, readonly string[]]): string {
  const parts = [...meaning.split(", "), wrapped(codes)];
  const line = `  [${parts.join(", ")}],`;
  return line.length > 100 ? `  [\n    ${parts.join(",\n    ")},\n  ],` : line;
}

function source(): string {
  const groups = new Map<string, string[]>();
  for (const [code, { status, category, retry }] of rows.flatMap(meaningsOf).toSorted(byName)) {
    const meaning = `${status}, "${category}", "${retry}"`;
    groups.set(meaning, [...(groups.get(meaning) ?? []), code]);
  }
  return [
    'import type { ErrorCategory, RetryClass } from "./category.ts";\n',
    "/**",
    " * The catalogue without its sentences, and without what of S3 Select says no more than its status. Its test writes it:",
    " * `npx vitest run codes-by-meaning --update`.",
    " */",
    "export const codesByMeaning: readonly (readonly [",
    "  status: number,",
    "  category: ErrorCategory,",
    "  retry: RetryClass,",
    "  codes: string,",
    "])[] = [",
    ...[...groups].toSorted(byName).map(group),
    "];\n",
  ].join("\n");
}

test("codes-by-meaning.ts is the catalogue without its sentences and what says only its status", async () => {
  await expect(source()).toMatchFileSnapshot("codes-by-meaning.ts");
});

test("no code holds what separates codes from each other and from a status", () => {
  expect(rows.filter(([code]) => /[@,\n`\\$]/.test(code))).toEqual([]);
});

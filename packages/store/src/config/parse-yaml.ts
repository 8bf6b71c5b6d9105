import type * as Yaml from "yaml";
import { placeOf, SyntaxMistake } from "./syntax-mistake.ts";

type Library = typeof Yaml;

/** Collections that are open at once, as the parser counts them; a config has a few. */
const openMax = 100;

/** What YAML says, with keys that are text and each there once. Rejects with a `SyntaxMistake`. */
export async function parseYaml(text: string): Promise<unknown> {
  const yaml = await import("yaml");
  refuseDepth(yaml, text);
  // The parser compares every key with every other; `secondKey` does not.
  const document = yaml.parseDocument(text, {
    prettyErrors: false,
    logLevel: "error",
    stringKeys: true,
    uniqueKeys: false,
  });
  const [mistake] = [...document.errors, ...document.warnings];
  if (mistake !== undefined) {
    throw new SyntaxMistake(`this is no YAML (${mistake.code})`, placeOf(text, mistake.pos[0]));
  }
  const second = secondKey(yaml, document);
  if (second !== undefined) {
    throw new SyntaxMistake("this key is here for the second time", placeOf(text, second));
  }
  try {
    return document.toJS();
  } catch {
    throw new SyntaxMistake("it has aliases that cannot be followed");
  }
}

/** What builds the document calls itself for each level, and may end the process where the stack is used up. */
function refuseDepth({ Lexer, Parser }: Library, text: string): void {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // What it gives are tokens that are complete; here only counts what is open.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > openMax) {
      throw new SyntaxMistake("it is nested too deeply", placeOf(text, parser.offset));
    }
  }
}

/** Where the first key begins that its map has already. */
function secondKey({ isScalar, visit }: Library, document: Yaml.Document): number | undefined {
  let found: number | undefined;
  visit(document, {
    Map(_, map) {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) found ??= key.range?.[0];
        keys.add(key.value);
      }
    },
  });
  return found;
}

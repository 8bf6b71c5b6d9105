import { jsonMistake } from "./json-mistake.ts";
import { parseYaml } from "./parse-yaml.ts";
import { placeOf, SyntaxMistake } from "./syntax-mistake.ts";

/** Rejects with a `SyntaxMistake`. */
export type Parser = (text: string) => Promise<unknown>;

/**
 * Formats by how a file's name ends. Parsers are loaded when they are needed. What they fail with goes no further: it
 * quotes the text, and with it whatever secret is there.
 */
export const parsers: Readonly<Record<string, Parser>> = {
  ".json": parseJson,
  ".yaml": parseYaml,
  ".yml": parseYaml,
  ".toml": parseToml,
};

async function parseJson(text: string): Promise<unknown> {
  const offset = jsonMistake(text);
  if (offset === undefined) return JSON.parse(text);
  throw new SyntaxMistake("this is no JSON, or a key for the second time", placeOf(text, offset));
}

async function parseToml(text: string): Promise<unknown> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    throw new SyntaxMistake("this is no TOML, or a key for the second time", { line, column });
  }
}

import { pathText } from "./path-text.ts";

/** One thing that is wrong with a config. It holds nothing of any value. */
export interface ConfigProblem {
  /** Where, as in `backends.main.bucket`; empty for the config as a whole. */
  readonly path: string;
  /** The path's keys. */
  readonly keys: readonly string[];
  /** What is wrong there, in half a sentence. */
  readonly message: string;
}

/**
 * Which kind of mistake it is:
 *
 * - `InvalidConfig`: values or keys are wrong; there is a problem for each.
 * - `UnreadableFile`: the file is not there, too large, not UTF-8, or not in its format.
 * - `UnknownStore`: the config names no such store.
 * - `UnusableBackend`: a backend could not be made of its options; the `cause` says why.
 */
export type ConfigErrorCode =
  | "InvalidConfig"
  | "UnknownStore"
  | "UnreadableFile"
  | "UnusableBackend";

/** What a config error carries. */
export interface ConfigErrorFields {
  readonly code: ConfigErrorCode;
  readonly problems: readonly Omit<ConfigProblem, "path">[];
  /** The config file, where it is one's. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly cause?: unknown;
}

const problemsShown = 20;

/**
 * A mistake in a config, or of who asks a registry for what it does not have. Correct it: nothing was asked of any
 * backend. It shows no value of the config and none of the environment.
 */
export class ConfigError extends Error {
  static {
    this.prototype.name = "ConfigError";
  }

  readonly code: ConfigErrorCode;
  /** All that is wrong, at least one. */
  readonly problems: readonly ConfigProblem[];
  declare readonly file?: string;
  /** Of a syntax error, counted from 1. */
  declare readonly line?: number;
  /** Of a syntax error, counted from 1. */
  declare readonly column?: number;

  constructor({ code, problems, file, line, column, cause }: ConfigErrorFields) {
    const placed = problems.map(({ keys, message }) => ({ path: pathText(keys), keys, message }));
    const place = [file, line, column].filter((part) => part !== undefined).join(":");
    super(sentence(place, placed), cause === undefined ? undefined : { cause });
    this.code = code;
    this.problems = placed;
    if (file !== undefined) this.file = file;
    if (line !== undefined) this.line = line;
    if (column !== undefined) this.column = column;
  }
}

function sentence(place: string, problems: readonly ConfigProblem[]): string {
  const said = problems
    .slice(0, problemsShown)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const rest = problems.length - said.length;
  const lines = rest > 0 ? [...said, `and ${rest} more`] : said;
  const before = place === "" ? "" : `${place}: `;
  return lines.length === 1
    ? `${before}${lines[0]}`
    : [`${before}${problems.length} mistakes`, ...lines].join("\n  ");
}

import { ConfigError } from "../config/config-error.ts";

/** A value that a command takes: an operand by its place, an option by its name. */
export interface Argument<T = unknown> {
  /** As it is typed: `BUCKET` for an operand, `--hard` for an option. */
  readonly name: string;
  /** What stands for an option's value in the help; an operand stands for itself. */
  readonly placeholder: string;
  readonly description: string;
  /** Ends the sentence "… must be". */
  readonly expects: string;
  /** What the text stands for; undefined when it is not what is expected. */
  readonly read: (text: string) => T | undefined;
}

/** What one command line gave, by the names of arguments. */
export class Given {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #rest: readonly string[];
  readonly #usage: string;

  constructor(
    { texts, rest }: { texts: ReadonlyMap<string, string>; rest: readonly string[] },
    usage: string,
  ) {
    this.#texts = texts;
    this.#rest = rest;
    this.#usage = usage;
  }

  /** Throws a `ConfigError` that says what is missing or wrong. */
  required<T>(argument: Argument<T>): T {
    const value = this.optional(argument);
    if (value !== undefined) return value;
    throw this.#missing(argument);
  }

  /** What stands behind the operands, each as `required` has it. */
  rest<T>(argument: Argument<T>): readonly T[] {
    if (this.#rest.length === 0) throw this.#missing(argument);
    return this.#rest.map((text) => valueOf(argument, text));
  }

  /** Undefined when it was not given; throws a `ConfigError` when it is wrong. */
  optional<T>(argument: Argument<T>): T | undefined {
    const text = this.#texts.get(argument.name);
    return text === undefined ? undefined : valueOf(argument, text);
  }

  #missing({ name }: Argument): ConfigError {
    return new ConfigError(`${name} is missing`, `write ${this.#usage}`);
  }
}

function valueOf<T>({ name, expects, read }: Argument<T>, text: string): T {
  const value = read(text);
  if (value !== undefined) return value;
  throw new ConfigError(`${name} is ${JSON.stringify(text)}`, `it must be ${expects}`);
}

import type { AdminClient } from "./admin-client.ts";
import type { Argument, Given } from "./argument.ts";

/** What a command says when it is done. */
interface Said {
  /** For programs: the API's own answer. */
  readonly json: unknown;
  /** For people; ends with a line break. */
  readonly text: string;
}

interface AdminSession {
  readonly api: AdminClient;
  /** Where an answer goes that is too long to be held. */
  readonly out: (text: string) => void;
}

/** How a command of two words is written: what the parser, the help and the reference all read. */
export interface WrittenCommand {
  /** Two words. */
  readonly name: string;
  readonly summary: string;
  readonly operands: readonly Argument[];
  /** Behind the operands: one or more of it. */
  readonly rest?: Argument;
  readonly required: readonly Argument[];
  readonly options: readonly Argument[];
  /** A command line that works, without `holdfast`. */
  readonly example: string;
}

/** One thing to ask of a running server. */
export interface AdminCommand extends WrittenCommand {
  /** Undefined when it has said all itself. */
  readonly run: (given: Given, session: AdminSession) => Promise<Said | undefined>;
}

/** A command line in the form that `--help` shows. */
export function usageOf(command: WrittenCommand): string {
  const { name, operands, rest, required, options } = command;
  const words = [
    `holdfast ${name}`,
    ...operands.map((operand) => operand.name),
    ...(rest === undefined ? [] : [`${rest.name}...`]),
    ...required.map((option) => `${option.name} ${option.placeholder}`),
    ...options.map((option) => `[${option.name} ${option.placeholder}]`),
  ];
  return words.join(" ");
}

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

/** One thing to ask of a running server: what the parser, the help, the reference and the run all read. */
export interface AdminCommand {
  /** Two words. */
  readonly name: string;
  readonly summary: string;
  readonly operands: readonly Argument[];
  readonly required: readonly Argument[];
  readonly options: readonly Argument[];
  /** A command line that works, without `holdfast`. */
  readonly example: string;
  /** Undefined when it has said all itself. */
  readonly run: (given: Given, session: AdminSession) => Promise<Said | undefined>;
}

/** A command line in the form that `--help` shows. */
export function usageOf({ name, operands, required, options }: AdminCommand): string {
  const words = [
    `holdfast ${name}`,
    ...operands.map((operand) => operand.name),
    ...required.map((option) => `${option.name} ${option.placeholder}`),
    ...options.map((option) => `[${option.name} ${option.placeholder}]`),
  ];
  return words.join(" ");
}

import type * as v from "valibot";
import type { Section } from "./section.ts";

export type CommandName = "serve" | "env" | "doctor" | "scrub" | "fsck" | "backup";

/** What is to be known of one setting. */
export interface Setting {
  /** Without the dashes; absent where a value on a command line would show to every process. */
  readonly flag?: string;
  /** Absent where only the file can hold it. */
  readonly env?: string;
  /** Its key in the configuration file; absent where the file cannot set it. */
  readonly file?: string;
  /** What stands for its value in the help. */
  readonly placeholder: string;
  /** As a user would write it; absent when there is none. */
  readonly default?: string;
  readonly description: string;
  /** Ends the sentence "… must be". */
  readonly expects: string;
  /** Its value appears in no message. */
  readonly secret?: true;
  /** `admin` stands for all commands that ask a running server. */
  readonly commands: readonly (CommandName | "admin")[];
  readonly schema: v.GenericSchema;
  /** What stands below it in the file. */
  readonly section?: Section;
  /** In a file it is meant from the folder of the file. */
  readonly isPath?: true;
}

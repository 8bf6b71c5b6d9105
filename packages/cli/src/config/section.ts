import type * as v from "valibot";

/** A key within a setting that holds keys of its own. */
export interface SectionKey {
  readonly description: string;
  /** Ends the sentence "… must be". */
  readonly expects: string;
  /** As a user would write it; absent when there is none. */
  readonly default?: string;
  /** A path is meant from the folder of the file. */
  readonly isPath?: true;
  readonly schema: v.GenericSchema;
}

/** What stands below a setting of the configuration file. */
export interface Section {
  /** Whether the keys stand below names that the user chooses, as in `upstreams.ceph.region`. */
  readonly isNamed: boolean;
  readonly keys: Readonly<Record<string, SectionKey>>;
}

/** The tables of one part of the program: its steps are only ever added to, for each has run somewhere. */
export interface SchemaPart {
  /** Under which the database remembers how many of the steps it has. */
  readonly name: string;
  /** SQL, any number of statements each. */
  readonly steps: readonly string[];
}

/** One call of a store's method, as what is around the store sees it. */
export interface StoreCall {
  /** The name of the method. */
  readonly operation: string;
  /** As the caller wrote it; a pattern of `glob`. */
  readonly path: string;
  /** The other path of a copy or a move. */
  readonly to?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether it may be asked for again. `always`: twice leaves what once does, or a condition sees to it. `if-failed`:
   * only when it is sure not to have happened. `never`: its content can be read only once.
   */
  readonly repeats: "always" | "if-failed" | "never";
  /** What may be another afterwards: the files at its paths, or also what is below them. */
  readonly changes: "files" | "folders" | "nothing";
}

/** A promise that the store broke. */
export interface Violation {
  readonly kind: "lost" | "resurrected" | "torn" | "unreadable" | "unknown" | "listing";
  readonly key: string;
  readonly detail: string;
}

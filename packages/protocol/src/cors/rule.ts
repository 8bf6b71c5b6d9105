/** The methods that a rule may allow, spelled as AWS spells them. */
export const corsMethods = ["GET", "PUT", "POST", "DELETE", "HEAD"] as const;
export type CorsMethod = (typeof corsMethods)[number];

/** Which pages of other origins may do what in a bucket. */
export interface CorsRule {
  readonly id?: string | undefined;
  /** Each with at most one `*`, which stands for any characters. */
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly CorsMethod[];
  /** What a page may send, each with at most one `*`; the case does not matter. */
  readonly allowedHeaders: readonly string[];
  /** What a page may read of the answer. */
  readonly exposeHeaders: readonly string[];
  /** How long a browser may remember the answer to its preflight. */
  readonly maxAgeSeconds?: number | undefined;
}

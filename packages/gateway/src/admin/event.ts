/** One request to the admin API, for the audit. Never holds a secret or a body. */
export interface AdminEvent {
  readonly requestId: string;
  /** The row's name; `unknown` for a path that is none. */
  readonly action: string;
  /** What the path names: `tenant`, `bucket`, `accessKeyId`. */
  readonly path: Readonly<Record<string, string>>;
  readonly status: number;
  /** Of the admin catalogue; undefined when it was done. */
  readonly code: string | undefined;
  /** Of the peer. */
  readonly address: string;
}

/** What a client under test is set up with. Times in milliseconds. */
export interface SubjectSettings {
  readonly endpoint: string;
  readonly region: string;
  /** Asked for credentials; counted by who passes it. */
  readonly credentials: () => Promise<SubjectCredentials>;
  readonly timeouts: { readonly headersMs: number; readonly idleMs: number };
}

/** Who signs. Each of the three is looked for in what a client tells. */
export interface SubjectCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The bytes of a PUT: at hand, from a source that can be read once, or from what makes one. */
type SubjectBody = string | AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>);

/** Options of one call. */
export interface SubjectCall {
  readonly signal?: AbortSignal;
  readonly ifNoneMatch?: string;
  /** In bytes, of a source. */
  readonly contentLength?: number;
}

/** A client as the table of situations uses one. What it resolves with is plain data. */
export interface Subject {
  /** Resolves with the text once it was read to its end, or with `not modified`. */
  get(key: string, call?: SubjectCall): Promise<unknown>;
  /** Resolves with the object's length. */
  head(key: string): Promise<unknown>;
  /** Resolves with the ETag. */
  put(key: string, body: SubjectBody, call?: SubjectCall): Promise<unknown>;
  /** Resolves with the ETag. */
  copy(key: string, source: string): Promise<unknown>;
  /** Completes an upload of one part; resolves with the ETag. */
  complete(key: string, uploadId: string): Promise<unknown>;
  /** Resolves with the keys of one page. */
  list(): Promise<unknown>;
  /** All that it told beside its results: events, logs. */
  readonly told: readonly unknown[];
  /** What it says of a failure, as data of the table. */
  describe(error: unknown): ToldFailure;
  close(): Promise<void>;
}

/** A failure in the words of the table. */
export interface ToldFailure {
  readonly class: string;
  readonly code: string;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly attempts: number;
  readonly phase: string | undefined;
  readonly codeInferred: boolean;
  readonly ambiguous: boolean;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  /** The waits that it says it made between tries, in milliseconds. */
  readonly delays: readonly number[];
}

/** Makes a client for one situation. */
export type OpenSubject = (settings: SubjectSettings) => Subject;

/** Where all situations play. */
export const bucket = "fidelity";

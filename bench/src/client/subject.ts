/** What a client is opened with: where the server is, and what it may believe of it. */
export interface Place {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A client as the bench asks it. */
export interface Subject {
  put(key: string, bytes: Buffer): Promise<unknown>;
  /** Reads an object whole; resolves with its length. */
  get(key: string): Promise<number>;
  /** Reads an object piece by piece. */
  read(key: string): Promise<AsyncIterable<Uint8Array>>;
  /** One page of a thousand keys; resolves with how many there were. Absent where the client cannot parse one. */
  list?(): Promise<number>;
}

/** What each client's own module exports. */
export interface SubjectModule {
  open(place: Place): Subject;
}

/** Where every client is sent. */
export const place: Omit<Place, "endpoint"> = {
  region: "us-east-1",
  bucket: "bench",
  credentials: { accessKeyId: "BENCH", secretAccessKey: "bench-secret" },
};

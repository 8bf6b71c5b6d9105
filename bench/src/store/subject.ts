/** What a store is opened with: where the server is, or the directory. */
export interface StorePlace {
  readonly backend: "local" | "s3";
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly directory: string;
}

/** A store as the bench asks it. What one does not have is absent. */
export interface StoreSubject {
  /** Stores a file, over what is there. */
  write?(path: string, bytes: Buffer): Promise<unknown>;
  /** Reads a file whole; resolves with its length. */
  read?(path: string): Promise<number>;
  /** Reads a large file, piece by piece where the store can; resolves with its length. */
  readLarge?(path: string): Promise<number>;
  /** What is known of a file; resolves with its length, or 0 where the store does not tell it. */
  stat?(path: string): Promise<number>;
  exists?(path: string): Promise<boolean>;
  delete?(path: string): Promise<unknown>;
  /** All files below a folder, of whichever the store tells; resolves with how many there were. */
  list?(folder: string): Promise<number>;
  /** The same with the size of each. */
  listSizes?(folder: string): Promise<number>;
}

/** What each store's own module exports. */
export interface StoreSubjectModule {
  open(place: StorePlace): StoreSubject;
}

/** What every store is given, whichever server or directory it is sent to. */
export const commonPlace: Pick<StorePlace, "region" | "bucket" | "credentials"> = {
  region: "us-east-1",
  bucket: "bench",
  credentials: { accessKeyId: "BENCH", secretAccessKey: "bench-secret" },
};

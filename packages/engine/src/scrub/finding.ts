/** An object, or a part of an upload in progress, whose bytes are in a blob. */
export type BlobOwner = (
  | { readonly bucket: string; readonly key: string }
  | { readonly uploadId: string; readonly partNumber: number }
) & {
  /** What is damaged of it, counted from its own first byte. */
  readonly ranges: readonly ByteRange[];
};

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Something that is not as it was written. Paths are within the data directory. */
export type ScrubFinding =
  | {
      readonly kind: "damaged-blob";
      readonly file: string;
      /** Empty when only what describes the bytes is damaged; none of them can be vouched for then. */
      readonly ranges: readonly ByteRange[];
      readonly owners: readonly BlobOwner[];
      /** Where the file was moved to, so that nothing is served from it. */
      readonly quarantined?: string;
    }
  | {
      readonly kind: "missing-blob";
      readonly file: string;
      readonly owners: readonly BlobOwner[];
      /** Where an earlier scrub moved it. */
      readonly quarantined?: string;
    }
  | {
      readonly kind: "unreadable-blob";
      readonly file: string;
      readonly owners: readonly BlobOwner[];
    }
  | { readonly kind: "damaged-record"; readonly record: string }
  | { readonly kind: "missing-record"; readonly record: string; readonly namedBy: string }
  | {
      readonly kind: "wrong-count";
      readonly file: string;
      /** How many more records name the blob than the index counted; negative when fewer. */
      readonly difference: number;
    }
  | { readonly kind: "unnamed-records"; readonly count: number }
  | {
      readonly kind: "damaged-index";
      readonly file: string;
      readonly offset: number;
      readonly length: number;
      /** The records between which it lies, both inclusive. */
      readonly from: string;
      readonly to: string;
    };

/** What a scrub read and found. */
export interface ScrubReport {
  readonly records: number;
  readonly blobs: number;
  /** Of blobs and of index values. */
  readonly bytes: number;
  /** Things that are not as they were written; `findings` has the first thousand. */
  readonly damaged: number;
  readonly findings: readonly ScrubFinding[];
}

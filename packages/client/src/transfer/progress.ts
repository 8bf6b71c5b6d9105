/** How far a transfer is. */
export interface TransferProgress {
  /** Bytes that have arrived: in the service for an upload, in the file for a download. */
  readonly transferredBytes: number;
  /** Of the whole, where it is known. */
  readonly totalBytes: number | undefined;
}

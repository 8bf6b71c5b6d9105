import type { Connection } from "../request/call.ts";

/** How far a transfer is. */
export interface TransferProgress {
  /** Bytes that have arrived: in the service for an upload, in the file for a download. */
  readonly transferredBytes: number;
  /** Of the whole, where it is known. */
  readonly totalBytes: number | undefined;
}

/** What a transfer is of, and who asked to be told. */
export interface ProgressTarget {
  readonly operation: "Upload" | "Download";
  readonly bucket: string;
  readonly key: string;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Tells the caller, and whoever listens to the client. */
export function tellProgress(
  { events }: Connection,
  { operation, bucket, key, onProgress }: ProgressTarget,
  progress: TransferProgress,
): void {
  onProgress?.(progress);
  if (!events.active) return;
  const { transferredBytes, totalBytes } = progress;
  events.emit({
    type: "progress",
    context: { operation, bucket, key },
    transferredBytes,
    totalBytes,
  });
}

import { toS3Error } from "../errors/to-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { Connection } from "../request/call.ts";

/** How far a transfer is. */
export interface TransferProgress {
  /** Bytes that have arrived: in the service for an upload or a copy, in the file for a download. */
  readonly transferredBytes: number;
  /** Of the whole, where it is known. */
  readonly totalBytes: number | undefined;
}

/** What a transfer is of, and who asked to be told. */
export interface ProgressTarget {
  readonly operation: "Upload" | "Copy" | "Download";
  readonly bucket: string;
  readonly key: string;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Tells the caller, and whoever listens to the client. What the caller throws comes back as `Aborted`, its cause. */
export function tellProgress(
  { events }: Connection,
  { operation, bucket, key, onProgress }: ProgressTarget,
  progress: TransferProgress,
): void {
  try {
    onProgress?.(progress);
  } catch (cause) {
    throw new WireFailure({ code: "Aborted", message: "The caller's onProgress threw.", cause });
  }
  if (!events.active) return;
  const { transferredBytes, totalBytes } = progress;
  events.emit({
    type: "progress",
    context: { operation, bucket, key },
    transferredBytes,
    totalBytes,
  });
}

/** Tells of an object that was stored by one request: what the caller throws cannot undo that, so it is `ambiguous`. */
export function tellStored(connection: Connection, target: ProgressTarget, bytes: number): void {
  try {
    tellProgress(connection, target, { transferredBytes: bytes, totalBytes: bytes });
  } catch (error) {
    if (!(error instanceof WireFailure)) throw error;
    const { operation, bucket, key } = target;
    throw toS3Error(error.fields, {
      context: { operation, bucket, key },
      history: [],
      ambiguous: true,
    });
  }
}

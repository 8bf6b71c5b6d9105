import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { toStoreError, type FailedCall } from "../errors/to-store-error.ts";
import { FileStream } from "../kernel/file-stream.ts";
import type { FileInfo } from "../kernel/results.ts";

/** A stream of a file whose bytes come another way than the backend's own. What they fail with stays as it is. */
export function layeredStream(
  info: FileInfo,
  bytes: AsyncIterable<Uint8Array>,
  call: FailedCall,
): FileStream {
  return new FileStream(bytes, {
    info,
    signal: undefined,
    toError: (error) =>
      RemoteStoreError.is(error) ? error : toStoreError({ kind: "unknown", cause: error }, call),
  });
}

import { s3Error } from "../errors/s3-error.ts";

/** The longest line that an aws-chunked body may have between its chunks, in bytes with its CRLF. */
export const chunkHeaderBytesMax = 256;

/** What stands before a chunk. */
interface ChunkHeader {
  /** In bytes; zero for the last chunk. */
  readonly size: number;
  /** Lower-case hex; undefined in bodies whose chunks are not signed. */
  readonly signature: string | undefined;
}

/** Reads the line before a chunk, without its CRLF. `IncompleteBody` unless it has its one form. */
export function readChunkHeader(line: string, isSigned: boolean): ChunkHeader {
  const form = isSigned
    ? /^([1-9a-fA-F][0-9a-fA-F]{0,7}|0);chunk-signature=([0-9a-f]{64})$/
    : /^([1-9a-fA-F][0-9a-fA-F]{0,7}|0)$/;
  const match = form.exec(line);
  if (match === null) throw malformedBody("malformed_chunk_header");
  return { size: Number.parseInt(match[1] ?? "", 16), signature: match[2] };
}

/** The refusal of a body whose framing is not what its headers promise. */
export function malformedBody(reason: string): Error {
  return s3Error("IncompleteBody", undefined, { reason });
}

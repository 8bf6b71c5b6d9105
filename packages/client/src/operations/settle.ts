import { multipartEtag, unquoteEtag } from "@holdfast/protocol";
import type { Answer, Call } from "../request/call.ts";

import type { RequestHeaders } from "./header-table.ts";
import { writeCustomerKey } from "./object-parts.ts";

/** What a call is to do when it failed after a try whose outcome is not known. */
export type Settle = NonNullable<Call["settle"]>;

/** An object whose state can tell what became of a write. */
interface Written {
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly sseCustomerKey?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * For a write that changes nothing when it is done twice: a code that says that it is done already is what a try left
 * whose answer was lost.
 */
export function doneAlready(code: string): Settle {
  return (_connection, failure) => Promise.resolve(failure.code === code ? emptyAnswer : undefined);
}

/** For a conditional write: a refused condition is its own doing if the object carries the mark of this write. */
export function wroteMark(target: Written, mark: Mark): Settle {
  return async (connection, { status }) => {
    if (status !== 412) return undefined;
    const answer = await connection.send(lookAt(target)).catch(unknown);
    return answer?.headers[mark.header] === mark.value
      ? { ...answer, document: undefined }
      : undefined;
  };
}

/** A header of an object's metadata, and a value that no other write gives it. */
export interface Mark {
  readonly header: string;
  readonly value: string;
}

/** For the completion of an upload that is gone: it was completed if the object is the one that its parts make. */
export function madeOfParts(target: Written, etags: readonly string[]): Settle {
  return async (connection, { code }) => {
    const etag = etagOfParts(etags);
    if (code !== "NoSuchUpload" || etag === undefined) return undefined;
    const answer = await connection.send(lookAt(target)).catch(unknown);
    if (answer === undefined || unquoteEtag(answer.headers["etag"] ?? "") !== etag)
      return undefined;
    const children = [{ name: "ETag", text: etag, children: [] }];
    return { ...answer, document: { name: "CompleteMultipartUploadResult", text: "", children } };
  };
}

const emptyAnswer: Answer = {
  status: 200,
  headers: {},
  document: undefined,
  body: undefined,
  attempts: 1,
};

function lookAt({ bucket, key, sseCustomerKey, signal }: Written): Call {
  const headers: RequestHeaders = {};
  writeCustomerKey(sseCustomerKey, headers);
  const call = { operation: "HeadObject", method: "HEAD", idempotent: true } as const;
  return { ...call, bucket, key, headers, signal };
}

/** The etag of an object in parts, where those of its parts are MD5s; encryption may make them something else. */
export function etagOfParts(etags: readonly string[]): string | undefined {
  const md5s = etags.map(unquoteEtag);
  if (!md5s.every((md5) => /^[0-9a-f]{32}$/.test(md5))) return undefined;
  return multipartEtag(md5s);
}

/** What cannot be looked at stays unknown; the write's own failure is what its caller hears of. */
function unknown(): undefined {
  return undefined;
}

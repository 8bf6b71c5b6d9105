import type { CallOptions } from "../request/call.ts";
import type { HeaderInput, RequestHeaders } from "./header-table.ts";
import { writeHeaders } from "./header-table.ts";
import { requestFields } from "./object-fields.ts";

/** What any request to a bucket may say beside the bucket. */
export interface RequestInput extends HeaderInput<typeof requestFields>, CallOptions {}

/** A bucket, and what any request to it may say. */
export interface BucketInput extends RequestInput {
  readonly bucket: string;
}

/** A key of a bucket. */
export interface KeyInput extends BucketInput {
  readonly key: string;
}

/** An object, or one of its versions. */
export interface ObjectInput extends KeyInput {
  readonly versionId?: string | undefined;
}

/** The query of an object's version. */
export function versionQuery({
  versionId,
}: ObjectInput): readonly (readonly [string, string | undefined])[] | undefined {
  return versionId === undefined ? undefined : [["versionId", versionId]];
}

/** The headers that any request to a bucket may have. */
export function requestHeaders(input: RequestInput): RequestHeaders {
  const headers: RequestHeaders = {};
  writeHeaders(requestFields, input, headers);
  return headers;
}

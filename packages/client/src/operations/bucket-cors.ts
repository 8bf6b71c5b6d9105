import type { Connection } from "../request/call.ts";
import type { BucketInput } from "./inputs.ts";
import type { Receipt } from "./perform.ts";
import {
  deleteSetting,
  getSetting,
  putSetting,
  type SettingInput,
  type SettingOutput,
} from "./setting.ts";
import type { XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Which pages of other origins may use the bucket. */
export const corsDocument = {
  root: "CORSConfiguration",
  fields: {
    corsRules: {
      element: "CORSRule",
      list: true,
      is: {
        id: { element: "ID", is: "text" },
        allowedHeaders: { element: "AllowedHeader", is: "text", list: true },
        allowedMethods: { element: "AllowedMethod", is: "text", list: true, required: true },
        allowedOrigins: { element: "AllowedOrigin", is: "text", list: true, required: true },
        exposeHeaders: { element: "ExposeHeader", is: "text", list: true },
        maxAgeSeconds: "integer",
      },
    },
  },
} as const satisfies XmlDocument;

/** What `getBucketCors` resolves with. */
export type GetBucketCorsOutput = SettingOutput<typeof corsDocument>;

/** The bucket's CORS rules. A bucket without any is `NoSuchCORSConfiguration`. */
export function getBucketCors(
  connection: Connection,
  input: BucketInput,
): Promise<GetBucketCorsOutput> {
  return getSetting(connection, { row: rows.getBucketCors, document: corsDocument }, input);
}

/** What `putBucketCors` takes. */
export type PutBucketCorsInput = BucketInput & SettingInput<typeof corsDocument>;

/** Replaces the bucket's CORS rules. */
export function putBucketCors(connection: Connection, input: PutBucketCorsInput): Promise<Receipt> {
  return putSetting(connection, { row: rows.putBucketCors, document: corsDocument }, input);
}

/** Removes the bucket's CORS rules. */
export function deleteBucketCors(connection: Connection, input: BucketInput): Promise<Receipt> {
  return deleteSetting(connection, rows.deleteBucketCors, input);
}

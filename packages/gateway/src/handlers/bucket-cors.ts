import {
  corsConfigurationBytesMax,
  readCorsConfiguration,
  renderCorsConfiguration,
  s3Error,
} from "@holdfast/protocol";
import { readDocument } from "../body/read-document.ts";
import type { SettingHandler } from "./handler.ts";
import { xmlReply } from "./xml-reply.ts";

/** Tells which pages of other origins may use the bucket. */
export const getBucketCors: SettingHandler = async ({ bucket }, control) => {
  const rules = control.cors(bucket);
  if (rules === undefined) throw s3Error("NoSuchCORSConfiguration", { BucketName: bucket });
  return xmlReply(renderCorsConfiguration(rules));
};

/** Replaces all rules of the bucket. */
export const putBucketCors: SettingHandler = async (request, control) => {
  const bytesMax = corsConfigurationBytesMax;
  const document = await readDocument(request, { digestRequired: true, bytesMax });
  if (document === undefined) throw s3Error("MissingRequestBodyError");
  await control.setCors(request.bucket, readCorsConfiguration(document));
  return { status: 200 };
};

/** Removes the rules; also where there are none. */
export const deleteBucketCors: SettingHandler = async ({ bucket }, control) => {
  await control.setCors(bucket, undefined);
  return { status: 204 };
};

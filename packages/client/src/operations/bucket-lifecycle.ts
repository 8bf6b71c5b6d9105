import type { Connection } from "../request/call.ts";
import {
  writeHeaders,
  type HeaderInput,
  type HeaderTable,
  type RequestHeaders,
} from "./header-table.ts";
import type { BucketInput } from "./inputs.ts";
import type { Receipt } from "./perform.ts";
import {
  deleteSetting,
  getSetting,
  putSetting,
  type SettingInput,
  type SettingOutput,
} from "./setting.ts";
import { tagShape } from "./tagging-shape.ts";
import type { Shape, XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

const transitionShape = { date: "date", days: "integer", storageClass: "text" } as const;

const noncurrentTransitionShape = {
  noncurrentDays: "integer",
  storageClass: "text",
  newerNoncurrentVersions: "integer",
} as const;

const sizeShape = {
  objectSizeGreaterThan: "integer",
  objectSizeLessThan: "integer",
} as const satisfies Shape;

const filterShape = {
  prefix: "text",
  tag: { is: tagShape },
  ...sizeShape,
  and: { is: { prefix: "text", tags: { element: "Tag", is: tagShape, list: true }, ...sizeShape } },
} as const satisfies Shape;

/** What becomes of objects with time. */
export const lifecycleDocument = {
  root: "LifecycleConfiguration",
  fields: {
    rules: {
      element: "Rule",
      list: true,
      is: {
        expiration: {
          is: { date: "date", days: "integer", expiredObjectDeleteMarker: "boolean" },
        },
        id: { element: "ID", is: "text" },
        prefix: "text",
        filter: { is: filterShape },
        /** `Enabled` or `Disabled`. */
        status: { is: "text", required: true },
        transitions: { element: "Transition", list: true, is: transitionShape },
        noncurrentVersionTransitions: {
          element: "NoncurrentVersionTransition",
          list: true,
          is: noncurrentTransitionShape,
        },
        noncurrentVersionExpiration: {
          is: { noncurrentDays: "integer", newerNoncurrentVersions: "integer" },
        },
        abortIncompleteMultipartUpload: { is: { daysAfterInitiation: "integer" } },
      },
    },
  },
} as const satisfies XmlDocument;

const lifecycleFields = {
  transitionDefaultMinimumObjectSize: ["x-amz-transition-default-minimum-object-size", "text"],
} as const satisfies HeaderTable;

/** What `getBucketLifecycleConfiguration` resolves with. */
export type GetBucketLifecycleConfigurationOutput = SettingOutput<typeof lifecycleDocument>;

/** The bucket's lifecycle rules. A bucket without any is `NoSuchLifecycleConfiguration`. */
export function getBucketLifecycleConfiguration(
  connection: Connection,
  input: BucketInput,
): Promise<GetBucketLifecycleConfigurationOutput> {
  const setting = {
    row: rows.getBucketLifecycleConfiguration,
    document: lifecycleDocument,
  } as const;
  return getSetting(connection, setting, input);
}

/** What `putBucketLifecycleConfiguration` takes. */
export type PutBucketLifecycleConfigurationInput = BucketInput &
  SettingInput<typeof lifecycleDocument> &
  HeaderInput<typeof lifecycleFields>;

/** Replaces the bucket's lifecycle rules. */
export function putBucketLifecycleConfiguration(
  connection: Connection,
  input: PutBucketLifecycleConfigurationInput,
): Promise<Receipt> {
  const setting = {
    row: rows.putBucketLifecycleConfiguration,
    document: lifecycleDocument,
    headers,
  } as const;
  return putSetting(connection, setting, input);
}

function headers(input: object): RequestHeaders {
  const own: RequestHeaders = {};
  writeHeaders(lifecycleFields, input, own);
  return own;
}

/** Removes the bucket's lifecycle rules. */
export function deleteBucketLifecycle(
  connection: Connection,
  input: BucketInput,
): Promise<Receipt> {
  return deleteSetting(connection, rows.deleteBucketLifecycle, input);
}

import type { Connection } from "../request/call.ts";
import {
  writeHeaders,
  type HeaderInput,
  type HeaderTable,
  type RequestHeaders,
} from "./header-table.ts";
import type { BucketInput } from "./inputs.ts";
import type { Receipt } from "./perform.ts";
import { getSetting, putSetting, type SettingInput, type SettingOutput } from "./setting.ts";
import type { Shape, XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

const commonShape = {
  id: "text",
  events: { element: "Event", is: "text", list: true, required: true },
  filter: {
    is: {
      key: {
        element: "S3Key",
        is: {
          filterRules: {
            element: "FilterRule",
            list: true,
            is: { name: "text", value: "text" },
          },
        },
      },
    },
  },
} as const satisfies Shape;

/** Whom the bucket tells of what happens in it. */
export const notificationDocument = {
  root: "NotificationConfiguration",
  fields: {
    topicConfigurations: {
      element: "TopicConfiguration",
      list: true,
      is: { topicArn: { element: "Topic", is: "text", required: true }, ...commonShape },
    },
    queueConfigurations: {
      element: "QueueConfiguration",
      list: true,
      is: { queueArn: { element: "Queue", is: "text", required: true }, ...commonShape },
    },
    lambdaFunctionConfigurations: {
      element: "CloudFunctionConfiguration",
      list: true,
      is: {
        lambdaFunctionArn: { element: "CloudFunction", is: "text", required: true },
        ...commonShape,
      },
    },
    eventBridgeConfiguration: { is: {} },
  },
} as const satisfies XmlDocument;

const notificationFields = {
  skipDestinationValidation: ["x-amz-skip-destination-validation", "boolean"],
} as const satisfies HeaderTable;

/** What `getBucketNotificationConfiguration` resolves with. */
export type GetBucketNotificationConfigurationOutput = SettingOutput<typeof notificationDocument>;

/** Whom the bucket tells; with empty lists, nobody. */
export function getBucketNotificationConfiguration(
  connection: Connection,
  input: BucketInput,
): Promise<GetBucketNotificationConfigurationOutput> {
  const setting = {
    row: rows.getBucketNotificationConfiguration,
    document: notificationDocument,
  } as const;
  return getSetting(connection, setting, input);
}

/** What `putBucketNotificationConfiguration` takes. */
export type PutBucketNotificationConfigurationInput = BucketInput &
  SettingInput<typeof notificationDocument> &
  HeaderInput<typeof notificationFields>;

/** Sets whom the bucket tells; nobody, without any configuration. */
export function putBucketNotificationConfiguration(
  connection: Connection,
  input: PutBucketNotificationConfigurationInput,
): Promise<Receipt> {
  const setting = {
    row: rows.putBucketNotificationConfiguration,
    document: notificationDocument,
    headers,
  } as const;
  return putSetting(connection, setting, input);
}

function headers(input: object): RequestHeaders {
  const own: RequestHeaders = {};
  writeHeaders(notificationFields, input, own);
  return own;
}

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

/** How new objects are encrypted that do not say it themselves. */
export const encryptionDocument = {
  root: "ServerSideEncryptionConfiguration",
  fields: {
    rules: {
      element: "Rule",
      list: true,
      is: {
        applyServerSideEncryptionByDefault: {
          is: {
            sseAlgorithm: { element: "SSEAlgorithm", is: "text", required: true },
            kmsMasterKeyId: { element: "KMSMasterKeyID", is: "text" },
          },
        },
        bucketKeyEnabled: "boolean",
        blockedEncryptionTypes: {
          is: { encryptionTypes: { element: "EncryptionType", is: "text", list: true } },
        },
      },
    },
  },
} as const satisfies XmlDocument;

/** What `getBucketEncryption` resolves with. */
export type GetBucketEncryptionOutput = SettingOutput<typeof encryptionDocument>;

/** How the bucket encrypts by default. */
export function getBucketEncryption(
  connection: Connection,
  input: BucketInput,
): Promise<GetBucketEncryptionOutput> {
  return getSetting(
    connection,
    { row: rows.getBucketEncryption, document: encryptionDocument },
    input,
  );
}

/** What `putBucketEncryption` takes. */
export type PutBucketEncryptionInput = BucketInput & SettingInput<typeof encryptionDocument>;

/** Sets how the bucket encrypts by default. */
export function putBucketEncryption(
  connection: Connection,
  input: PutBucketEncryptionInput,
): Promise<Receipt> {
  return putSetting(
    connection,
    { row: rows.putBucketEncryption, document: encryptionDocument },
    input,
  );
}

/** Goes back to the service's own default. */
export function deleteBucketEncryption(
  connection: Connection,
  input: BucketInput,
): Promise<Receipt> {
  return deleteSetting(connection, rows.deleteBucketEncryption, input);
}

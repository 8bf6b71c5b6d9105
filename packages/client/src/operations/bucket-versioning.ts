import type { Connection } from "../request/call.ts";
import type { BucketInput } from "./inputs.ts";
import type { Receipt } from "./perform.ts";
import { getSetting, putSetting, type SettingInput, type SettingOutput } from "./setting.ts";
import type { XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Whether the bucket keeps what is overwritten and deleted. */
export const versioningDocument = {
  root: "VersioningConfiguration",
  fields: {
    mfaDelete: { element: "MfaDelete", is: "text" },
    /** `Enabled` or `Suspended`; absent if it never was enabled. */
    status: "text",
  },
} as const satisfies XmlDocument;

/** What `getBucketVersioning` resolves with. */
export type GetBucketVersioningOutput = SettingOutput<typeof versioningDocument>;

/** Whether the bucket keeps versions. */
export function getBucketVersioning(
  connection: Connection,
  input: BucketInput,
): Promise<GetBucketVersioningOutput> {
  return getSetting(
    connection,
    { row: rows.getBucketVersioning, document: versioningDocument },
    input,
  );
}

/** What `putBucketVersioning` takes. */
export type PutBucketVersioningInput = BucketInput &
  SettingInput<typeof versioningDocument> & {
    /** Serial number and code of the bucket owner's device, where `mfaDelete` is set. */
    readonly mfa?: string | undefined;
  };

/** Sets whether the bucket keeps versions. */
export function putBucketVersioning(
  connection: Connection,
  input: PutBucketVersioningInput,
): Promise<Receipt> {
  const headers = (): Record<string, string | undefined> => ({ "x-amz-mfa": input.mfa });
  const setting = { row: rows.putBucketVersioning, document: versioningDocument, headers } as const;
  return putSetting(connection, setting, input);
}

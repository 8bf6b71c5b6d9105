import type { Connection } from "../request/call.ts";
import type { BucketInput, ObjectInput } from "./inputs.ts";
import type { Receipt } from "./perform.ts";
import { getSetting, putSetting, type SettingInput, type SettingOutput } from "./setting.ts";
import type { XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** How long the bucket keeps new objects from being deleted. */
export const objectLockDocument = {
  root: "ObjectLockConfiguration",
  fields: {
    objectLockEnabled: "text",
    rule: {
      is: { defaultRetention: { is: { mode: "text", days: "integer", years: "integer" } } },
    },
  },
} as const satisfies XmlDocument;

/** What `getObjectLockConfiguration` resolves with. */
export type GetObjectLockConfigurationOutput = SettingOutput<typeof objectLockDocument>;

/** The bucket's object lock. A bucket without one is `ObjectLockConfigurationNotFoundError`. */
export function getObjectLockConfiguration(
  connection: Connection,
  input: BucketInput,
): Promise<GetObjectLockConfigurationOutput> {
  const setting = { row: rows.getObjectLockConfiguration, document: objectLockDocument } as const;
  return getSetting(connection, setting, input);
}

/** What `putObjectLockConfiguration` takes. */
export type PutObjectLockConfigurationInput = BucketInput &
  SettingInput<typeof objectLockDocument> & {
    /** Allows it for a bucket that was made without object lock. */
    readonly token?: string | undefined;
  };

/** Sets the bucket's object lock. */
export function putObjectLockConfiguration(
  connection: Connection,
  input: PutObjectLockConfigurationInput,
): Promise<Receipt> {
  const headers = (): Record<string, string | undefined> => ({
    "x-amz-bucket-object-lock-token": input.token,
  });
  const setting = {
    row: rows.putObjectLockConfiguration,
    document: objectLockDocument,
    headers,
  } as const;
  return putSetting(connection, setting, input);
}

/** Whether an object must not be deleted, with no end set. */
export const legalHoldDocument = {
  root: "LegalHold",
  fields: {
    /** `ON` or `OFF`. */
    status: { is: "text", required: true },
  },
} as const satisfies XmlDocument;

/** What `getObjectLegalHold` resolves with. */
export type GetObjectLegalHoldOutput = SettingOutput<typeof legalHoldDocument>;

/** The object's legal hold. */
export function getObjectLegalHold(
  connection: Connection,
  input: ObjectInput,
): Promise<GetObjectLegalHoldOutput> {
  return getSetting(
    connection,
    { row: rows.getObjectLegalHold, document: legalHoldDocument },
    input,
  );
}

/** What `putObjectLegalHold` takes. */
export type PutObjectLegalHoldInput = ObjectInput & SettingInput<typeof legalHoldDocument>;

/** Sets or ends the object's legal hold. */
export function putObjectLegalHold(
  connection: Connection,
  input: PutObjectLegalHoldInput,
): Promise<Receipt> {
  return putSetting(
    connection,
    { row: rows.putObjectLegalHold, document: legalHoldDocument },
    input,
  );
}

/** Until when an object must not be deleted. */
export const retentionDocument = {
  root: "Retention",
  fields: {
    /** `GOVERNANCE` or `COMPLIANCE`. */
    mode: "text",
    retainUntilDate: "date",
  },
} as const satisfies XmlDocument;

/** What `getObjectRetention` resolves with. */
export type GetObjectRetentionOutput = SettingOutput<typeof retentionDocument>;

/** The object's retention. */
export function getObjectRetention(
  connection: Connection,
  input: ObjectInput,
): Promise<GetObjectRetentionOutput> {
  return getSetting(
    connection,
    { row: rows.getObjectRetention, document: retentionDocument },
    input,
  );
}

/** What `putObjectRetention` takes. */
export type PutObjectRetentionInput = ObjectInput &
  SettingInput<typeof retentionDocument> & {
    /** Allows to shorten it, for those who may. */
    readonly bypassGovernanceRetention?: boolean | undefined;
  };

/** Sets the object's retention. */
export function putObjectRetention(
  connection: Connection,
  input: PutObjectRetentionInput,
): Promise<Receipt> {
  const headers = (): Record<string, string | undefined> => ({
    "x-amz-bypass-governance-retention": input.bypassGovernanceRetention?.toString(),
  });
  const setting = { row: rows.putObjectRetention, document: retentionDocument, headers } as const;
  return putSetting(connection, setting, input);
}

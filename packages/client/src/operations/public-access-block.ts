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

/** Which ways of making things public the bucket refuses. */
export const publicAccessBlockDocument = {
  root: "PublicAccessBlockConfiguration",
  fields: {
    blockPublicAcls: "boolean",
    ignorePublicAcls: "boolean",
    blockPublicPolicy: "boolean",
    restrictPublicBuckets: "boolean",
  },
} as const satisfies XmlDocument;

/** What `getPublicAccessBlock` resolves with. */
export type GetPublicAccessBlockOutput = SettingOutput<typeof publicAccessBlockDocument>;

/** The bucket's public access block. */
export function getPublicAccessBlock(
  connection: Connection,
  input: BucketInput,
): Promise<GetPublicAccessBlockOutput> {
  const setting = { row: rows.getPublicAccessBlock, document: publicAccessBlockDocument } as const;
  return getSetting(connection, setting, input);
}

/** What `putPublicAccessBlock` takes. */
export type PutPublicAccessBlockInput = BucketInput &
  SettingInput<typeof publicAccessBlockDocument>;

/** Sets the bucket's public access block. */
export function putPublicAccessBlock(
  connection: Connection,
  input: PutPublicAccessBlockInput,
): Promise<Receipt> {
  const setting = { row: rows.putPublicAccessBlock, document: publicAccessBlockDocument } as const;
  return putSetting(connection, setting, input);
}

/** Removes the bucket's public access block. */
export function deletePublicAccessBlock(
  connection: Connection,
  input: BucketInput,
): Promise<Receipt> {
  return deleteSetting(connection, rows.deletePublicAccessBlock, input);
}

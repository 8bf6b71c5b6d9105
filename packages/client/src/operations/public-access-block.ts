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

/** The bucket's public access block. */
export function getPublicAccessBlock(
  connection: Connection,
  input: BucketInput,
): Promise<SettingOutput<typeof publicAccessBlockDocument>> {
  const setting = { name: "GetPublicAccessBlock", document: publicAccessBlockDocument } as const;
  return getSetting(connection, setting, input);
}

/** Sets the bucket's public access block. */
export function putPublicAccessBlock(
  connection: Connection,
  input: BucketInput & SettingInput<typeof publicAccessBlockDocument>,
): Promise<Receipt> {
  const setting = { name: "PutPublicAccessBlock", document: publicAccessBlockDocument } as const;
  return putSetting(connection, setting, input);
}

/** Removes the bucket's public access block. */
export function deletePublicAccessBlock(
  connection: Connection,
  input: BucketInput,
): Promise<Receipt> {
  return deleteSetting(connection, "DeletePublicAccessBlock", input);
}

import type { Connection } from "../request/call.ts";
import { requestHeaders, versionQuery, type ObjectInput, type RequestInput } from "./inputs.ts";
import type { RequestHeaders } from "./header-table.ts";
import { perform, receiptOf, type Receipt } from "./perform.ts";
import type { ClientRow } from "./rows.ts";
import { documentBody, type IntegrityInput } from "./xml-body.ts";
import {
  readDocument,
  writeDocument,
  type ReadShape,
  type Shape,
  type WriteShape,
  type XmlDocument,
} from "./xml-shape.ts";

/** A bucket, or one of its objects, whose setting is meant. */
export type SettingTarget = RequestInput & Pick<ObjectInput, "bucket"> & Partial<ObjectInput>;

/** A setting as it is read. */
export type SettingOutput<Document extends { readonly fields: Shape }> = Receipt &
  ReadShape<Document["fields"]>;

/** A setting as it is written. */
export type SettingInput<Document extends { readonly fields: Shape }> = WriteShape<
  Document["fields"]
> &
  IntegrityInput;

/** How a setting is asked for. */
interface SettingRead<Fields extends Shape> {
  readonly row: ClientRow;
  readonly document: { readonly root: string; readonly fields: Fields };
}

/** Reads a setting that a document holds. */
export function getSetting<Fields extends Shape>(
  connection: Connection,
  { row, document }: SettingRead<Fields>,
  input: SettingTarget,
): Promise<Receipt & ReadShape<Fields>> {
  return perform(
    connection,
    {
      row,
      request: () => ({
        query: queryOf(input),
        headers: requestHeaders(input),
        answer: document.root,
      }),
      read: (answer) => ({ ...receiptOf(answer), ...readDocument(document, answer.document) }),
    },
    input,
  );
}

/** How a setting is made. */
interface SettingWrite {
  readonly row: ClientRow;
  readonly document: XmlDocument;
  /** Headers of its own. */
  readonly headers?: (input: SettingTarget) => RequestHeaders;
}

/** Makes a setting that a document holds; the input has the document's fields as its own. */
export function putSetting(
  connection: Connection,
  { row, document, headers: own }: SettingWrite,
  input: SettingTarget & IntegrityInput,
): Promise<Receipt> {
  return perform(
    connection,
    {
      row,
      request() {
        const headers = Object.assign(requestHeaders(input), own?.(input));
        const body = documentBody(writeDocument(document, input), input, headers);
        return { query: queryOf(input), headers, body };
      },
      read: receiptOf,
    },
    input,
  );
}

/** Removes a setting. */
export function deleteSetting(
  connection: Connection,
  row: ClientRow,
  input: SettingTarget,
): Promise<Receipt> {
  return perform(
    connection,
    {
      row,
      request: () => ({ query: queryOf(input), headers: requestHeaders(input) }),
      read: receiptOf,
    },
    input,
  );
}

function queryOf({ bucket, key, versionId }: SettingTarget): ReturnType<typeof versionQuery> {
  return key === undefined ? undefined : versionQuery({ bucket, key, versionId });
}

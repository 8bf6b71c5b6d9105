import { renderResult, type XmlField } from "@holdfast/protocol";
import type { Connection } from "../request/call.ts";
import { writeHeaders, type HeaderInput } from "./header-table.ts";
import { requestHeaders, versionQuery, type ObjectInput } from "./inputs.ts";
import { ownerShape } from "./list-objects.ts";
import { aclFields } from "./object-fields.ts";
import { perform, receiptOf, type Operation, type Receipt } from "./perform.ts";
import { getSetting, type SettingOutput } from "./setting.ts";
import { documentBody, type IntegrityInput } from "./xml-body.ts";
import { writeShape, type Shape, type WriteShape, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

const granteeShape = {
  displayName: "text",
  emailAddress: "text",
  id: { element: "ID", is: "text" },
  uri: { element: "URI", is: "text" },
} as const satisfies Shape;

/** Who may do what with an object, and who owns it. */
const aclDocument = {
  root: "AccessControlPolicy",
  fields: {
    owner: { is: ownerShape },
    grants: {
      element: "Grant",
      within: "AccessControlList",
      list: true,
      is: { grantee: { is: granteeShape }, permission: "text" },
    },
  },
} as const satisfies XmlDocument;

/** What `getObjectAcl` resolves with. */
export type GetObjectAclOutput = SettingOutput<typeof aclDocument>;

/** The object's owner and grants. */
export function getObjectAcl(
  connection: Connection,
  input: ObjectInput,
): Promise<GetObjectAclOutput> {
  return getSetting(connection, { row: rows.getObjectAcl, document: aclDocument }, input);
}

/** Either one of S3's ready-made ACLs or grants as headers, or an owner and grants as a document. */
export type PutObjectAclInput = ObjectInput &
  HeaderInput<typeof aclFields> &
  WriteShape<typeof aclDocument.fields> &
  IntegrityInput;

const put: Operation<PutObjectAclInput, Receipt> = {
  row: rows.putObjectAcl,
  request(input) {
    const headers = requestHeaders(input);
    writeHeaders(aclFields, input, headers);
    const query = versionQuery(input);
    if (input.owner === undefined && input.grants === undefined) return { query, headers };
    return { query, headers, body: documentBody(renderAcl(input), input, headers) };
  },
  read: receiptOf,
};

/** Replaces the object's grants. */
export function putObjectAcl(connection: Connection, input: PutObjectAclInput): Promise<Receipt> {
  return perform(connection, put, input);
}

type Grantee = WriteShape<typeof granteeShape>;

/** Written by hand: a grantee's type is an attribute, which S3 has nowhere else. */
function renderAcl({ owner = {}, grants = [] }: PutObjectAclInput): string {
  return renderResult(aclDocument.root, [
    ["Owner", writeShape(ownerShape, owner)],
    [
      "AccessControlList",
      grants.map(({ grantee = {}, permission }): XmlField => {
        const attributes = {
          "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
          "xsi:type": granteeType(grantee),
        };
        const fields: XmlField[] = [["Grantee", writeShape(granteeShape, grantee), attributes]];
        return ["Grant", [...fields, ["Permission", permission]]];
      }),
    ],
  ]);
}

function granteeType({ uri, emailAddress }: Grantee): string {
  if (uri !== undefined) return "Group";
  return emailAddress === undefined ? "CanonicalUser" : "AmazonCustomerByEmail";
}

import type { Defect } from "../defect.ts";

/** What only somebody else's client would trip over. */
export const defectsOfInterop: readonly Defect[] = [
  {
    row: "interop",
    name: "an error document without its Key",
    file: "packages/protocol/src/errors/document.ts",
    find: 'if (!Object.hasOwn(details, "Key")) fields.push(["Key", context.key]);',
    replace: "",
    tests: ["packages/protocol/src/errors/document.test.ts"],
  },
  {
    row: "interop",
    name: "a Code of an error that has another element's name",
    file: "packages/protocol/src/errors/document.ts",
    find: '["Code", error.code]',
    replace: '["ErrorCode", error.code]',
    tests: ["test/interop/clients/boto3.interop.ts"],
    only: "boto3, .* (create-bucket|reports:missing-key): ",
    client: "python3-boto3",
  },
  {
    row: "interop",
    name: "a HEAD without a length",
    file: "packages/gateway/src/handlers/head-object.ts",
    find: '  headers["content-length"] = String(length);\n',
    replace: "",
    tests: ["test/interop/clients/awscli.interop.ts"],
    only: "awscli, .* (create-bucket|put-get|head): ",
    client: "awscli",
  },
  {
    row: "interop",
    name: "a LastModified in the form of an HTTP header",
    file: "packages/gateway/src/handlers/list-objects.ts",
    find: "formatIsoDate(object.lastModified)",
    replace: "new Date(object.lastModified).toUTCString()",
    tests: ["test/interop/clients/rclone.interop.ts"],
    only: "rclone, .* (create-bucket|put-get|list): ",
    client: "rclone",
  },
  {
    row: "interop",
    name: "an ETag without its quotes",
    file: "packages/protocol/src/etag.ts",
    find: 'return `"${etag}"`;',
    replace: "return etag;",
    tests: ["test/interop/clients/s3cmd.interop.ts"],
    only: "s3cmd, .* (create-bucket|multipart:20 MB): ",
    client: "s3cmd",
  },
];

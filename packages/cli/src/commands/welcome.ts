import type { RecoveryReport } from "@holdfast/engine";
import { shellQuote } from "../shell-quote.ts";
import { recoveryText } from "./recovery-text.ts";
import type { RootCredential } from "../credentials/root-credential.ts";

export interface Served {
  readonly endpoint: string;
  /** Of the admin listener. */
  readonly adminEndpoint: string;
  readonly region: string;
  readonly statusProfile: string;
  readonly dataDirectory: string;
  readonly recovered: RecoveryReport;
}

/**
 * What would keep AWS tools from a plain endpoint with a key of its own: a profile's key wins over it,
 * a session token is sent along with it, and rclone 1.60 fails every command where a CA bundle is set.
 */
export function misleadingVariables(endpoint: string): readonly string[] {
  const misleading = ["AWS_PROFILE", "AWS_SESSION_TOKEN"];
  return endpoint.startsWith("https:") ? misleading : ["AWS_CA_BUNDLE", ...misleading];
}

/** What AWS tools read, as pairs. Older ones know only `AWS_DEFAULT_REGION`. */
export function awsVariables(
  { endpoint, region }: Pick<Served, "endpoint" | "region">,
  { accessKeyId, secretAccessKey }: RootCredential,
): readonly (readonly [string, string])[] {
  return [
    ["AWS_ACCESS_KEY_ID", accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", secretAccessKey],
    ["AWS_ENDPOINT_URL_S3", endpoint],
    ["AWS_REGION", region],
    ["AWS_DEFAULT_REGION", region],
  ];
}

/** Lines for a POSIX shell that set them. */
export function exportLines(variables: readonly (readonly [string, string])[]): string {
  return variables.map(([name, value]) => `export ${name}=${shellQuote(value)}\n`).join("");
}

/** What `serve` says when it is ready: where it is, its key, and commands that work as pasted. */
export function welcome(served: Served, credential: RootCredential, version: string): string {
  const { endpoint, adminEndpoint, region, statusProfile, dataDirectory, recovered } = served;
  return `Holdfast ${version} is ready.

  endpoint           ${endpoint}
  access key id      ${credential.accessKeyId}
  secret access key  ${credential.secretAccessKey}
  region             ${region}
  status profile     ${statusProfile}
  data directory     ${dataDirectory}
  admin endpoint     ${adminEndpoint}
${recovery(recovered)}
Paste this first, in the shell you work in:

unset ${misleadingVariables(endpoint).join(" ")}
${exportLines(awsVariables(served, credential))}
AWS CLI:

aws --endpoint-url ${endpoint} s3 mb s3://tour-aws
echo hello | aws --endpoint-url ${endpoint} s3 cp - s3://tour-aws/hello.txt
aws --endpoint-url ${endpoint} s3 ls s3://tour-aws

rclone:

rclone --s3-provider Other --s3-env-auth --s3-endpoint ${endpoint} --s3-region ${region} mkdir :s3:tour-rclone
echo hello | rclone --s3-provider Other --s3-env-auth --s3-endpoint ${endpoint} --s3-region ${region} rcat :s3:tour-rclone/hello.txt
rclone --s3-provider Other --s3-env-auth --s3-endpoint ${endpoint} --s3-region ${region} ls :s3:tour-rclone

AWS SDK for JavaScript, in a folder where npm install @aws-sdk/client-s3 was run:

node --input-type=module -e '
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
const s3 = new S3Client({ endpoint: "${endpoint}", region: "${region}", forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: "tour-js" })).catch((error) => {
  if (error.name !== "BucketAlreadyOwnedByYou") throw error;
});
await s3.send(new PutObjectCommand({ Bucket: "tour-js", Key: "hello.txt", Body: "hello" }));
const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "tour-js" }));
console.log(Contents);
'

Ctrl+C stops it.
`;
}

/** What the stop before left behind, or nothing. */
function recovery(report: RecoveryReport): string {
  const text = recoveryText(report);
  return text === "" ? "" : `  recovered          ${text}; nothing acknowledged is missing\n`;
}

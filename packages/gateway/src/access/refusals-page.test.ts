import { expect, test } from "vitest";
import { authFailures, catalogue, operations, type ErrorCode, type ErrorMeaning, type ErrorRow, type OperationRow } from "@holdfast/protocol"; // prettier-ignore
import { scopeViolationReason } from "../operator/counted-reasons.ts";
import { anonymousRejects } from "./anonymous-rejects.ts";

/** The codes of the proxy document, and what brings them about here. */
const codes: readonly (readonly [code: ErrorCode, cause: string, variant?: string])[] = [
  ["InvalidRequest", "The request has a shape that no operation has, or contradicts itself."],
  ["MalformedXML", "The body of DeleteObjects, CompleteMultipartUpload or another operation cannot be read."], // prettier-ignore
  ["InvalidAccessKeyId", "There is no credential with the access key id, or it is disabled."],
  ["SignatureDoesNotMatch", "The signature is not the one computed: a wrong secret, or a request that was changed."], // prettier-ignore
  ["AccessDenied", "It is outside the credential's scope, not open to anyone, or the credential has expired."], // prettier-ignore
  [
    "RequestTimeTooSkewed",
    "The request is dated more than 15 minutes away from the server's clock.",
  ],
  ["NoSuchBucket", "The bucket is granted and does not exist."],
  ["NoSuchKey", "The key is granted and does not exist."],
  ["MissingContentLength", "An upload does not say how long it is."],
  ["SlowDown", "A limit of the credential, of the address or of the whole gateway; `Retry-After` says when to come again."], // prettier-ignore
  ["InternalError", "A failure that has no other name."],
  ["BadGateway", "The upstream's answer cannot be read."],
  ["ServiceUnavailable", "The upstream cannot be reached at present, or the control plane not be changed; `Retry-After` says when to come again."], // prettier-ignore
  [
    "EntityTooLarge",
    "The bucket has reached its hard quota. The same request fails again.",
    "quota",
  ],
];

function meaningOf(code: ErrorCode, variant: string | undefined): ErrorMeaning {
  const row: ErrorRow = catalogue[code];
  return (variant === undefined ? undefined : row.variants?.[variant]) ?? row;
}

const statusesOf = ({ status, awsStatus = status }: ErrorMeaning): string =>
  `${status} | ${awsStatus}`;

const shown = (code: ErrorCode): string => {
  const { status, awsStatus = status } = meaningOf(code, undefined);
  return `${code} (${status === awsStatus ? status : `${status}, aws ${awsStatus}`})`;
};

const ticked = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(" ");

function needOf(row: OperationRow): string {
  const { verb, target, body } = row;
  if (verb === "any") return target === "service" ? "nothing: it shows what is granted" : "any grant on the bucket"; // prettier-ignore
  if (verb === "manage") return "`manage` on the whole bucket";
  if (verb === "list") return "`list` on the prefix that is asked for";
  if (target === "bucket") return `\`${verb}\` on each key that the ${body === "xml" ? "document" : "form"} names`; // prettier-ignore
  const own = `\`${verb}\` on the key`;
  return row.header === undefined ? own : `${own}, and \`read\` on the key of its source`;
}

const failures = Object.entries(authFailures).map(([word, row]) => {
  const whose = row.origin === "proxy-document" ? "" : "ours";
  return `| \`${word}\` | ${whose} | ${row.meaning} | ${row.codes.map((code) => shown(code)).join(", ")} | ${ticked(row.details)} |`; // prettier-ignore
});

const page = [
  "# Refusals",
  "",
  "What a request is told that is not carried out, and the reason that metrics and audit give it. `errors.md` has every code.",
  "",
  "## Codes",
  "",
  "*Status* is that of the `documented` profile, *aws* that of the `aws` profile. An answer to HEAD has no document that could",
  "state the code, and a status stands for several: the header `x-amz-error-code` states it there, which S3 has on the endpoints of",
  "its websites. It tells no more than GET would.",
  "",
  "| code | status | aws | cause |",
  "| --- | --- | --- | --- |",
  ...codes.map(([code, cause, variant]) => `| ${code} | ${statusesOf(meaningOf(code, variant))} | ${cause} |`), // prettier-ignore
  "",
  "## Who is not believed",
  "",
  "`holdfast_s3_auth_failure_total{reason}` counts by these words. An error, its record and its row in the audit carry the word or one",
  "of the finer reasons beside it. The words marked as ours are for what the proxy document has no word for.",
  "",
  "| reason | | meaning | told as | finer reasons |",
  "| --- | --- | --- | --- | --- |",
  ...failures,
  "",
  "## What is not granted",
  "",
  `A request of a credential whose grants do not allow it is AccessDenied (403) with the reason \`${scopeViolationReason}\`, whether the bucket exists`,
  "or not, and `holdfast_s3_scope_violation_total` counts it. A grant names a bucket, or `*` for any; a prefix, which may be empty; and verbs.",
  "",
  "| operation | needs |",
  "| --- | --- |",
  ...Object.entries(operations).map(([name, row]) => `| ${name} | ${needOf(row)} |`),
  "",
  "## Who has not signed",
  "",
  "AccessDenied (403), counted by `holdfast_s3_anonymous_reject_total{reason}`; too many requests are SlowDown.",
  "",
  "| reason | meaning |",
  "| --- | --- |",
  ...Object.entries(anonymousRejects).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`),
  "",
].join("\n");

test("docs/reference/refusals.md is the tables of codes, reasons and verbs", async () => {
  await expect(page).toMatchFileSnapshot("../../../../docs/reference/refusals.md");
});

test("the codes of the proxy document have its statuses in the documented profile", () => {
  const statuses = codes.map(([code, , variant]) => `${meaningOf(code, variant).status} ${code}`);
  expect(statuses).toEqual([
    "400 InvalidRequest",
    "400 MalformedXML",
    "401 InvalidAccessKeyId",
    "401 SignatureDoesNotMatch",
    "403 AccessDenied",
    "403 RequestTimeTooSkewed",
    "404 NoSuchBucket",
    "404 NoSuchKey",
    "411 MissingContentLength",
    "429 SlowDown",
    "500 InternalError",
    "502 BadGateway",
    "503 ServiceUnavailable",
    "507 EntityTooLarge",
  ]);
});

import { createHash } from "node:crypto";
import { childText, childrenNamed } from "@holdfast/protocol";
import { completion } from "../upload-in-parts.test.support.ts";
import { documentOf, encodePath, type Answer, type Ask } from "../s3-subject.test.support.ts";
import type { Step } from "./step.test.support.ts";

interface Sent {
  readonly body: string;
  readonly upload: { readonly id: string; readonly etag: string };
}

type Request = Pick<Ask, "method" | "target" | "headers" | "body">;

/** A step as it goes over the wire; `encodePath` is all that it has in common with the gateway's reading of it. */
export function requestOf(step: Step, { body, upload }: Sent): Request {
  const { deed, prefix, delimiter } = step;
  const bucket = `/${step.bucket}`;
  const object = `${bucket}/${encodePath(step.key)}`;
  const list = `prefix=${encodeURIComponent(prefix)}${delimiter ? "&delimiter=%2F" : ""}`;
  const part = `${object}?partNumber=1&uploadId=${upload.id}`;
  const whole = `${object}?uploadId=${upload.id}`;
  const requests: Readonly<Record<typeof deed, Request>> = {
    GetObject: { method: "GET", target: object },
    HeadObject: { method: "HEAD", target: object },
    GetObjectTagging: { method: "GET", target: `${object}?tagging` },
    PutObject: { method: "PUT", target: object, body },
    CopyObject: copyTo(object, step),
    DeleteObject: { method: "DELETE", target: object },
    DeleteObjects: { method: "POST", target: `${bucket}?delete`, ...deletion(step.keys) },
    ListObjects: { method: "GET", target: `${bucket}?${list}` },
    ListObjectsV2: { method: "GET", target: `${bucket}?list-type=2&${list}` },
    ListMultipartUploads: { method: "GET", target: `${bucket}?uploads&${list}` },
    CreateMultipartUpload: { method: "POST", target: `${object}?uploads` },
    UploadPart: { method: "PUT", target: part, body },
    UploadPartCopy: copyTo(part, step),
    ListParts: { method: "GET", target: whole },
    CompleteMultipartUpload: {
      method: "POST",
      target: whole,
      body: completion([[1, upload.etag]]),
    },
    AbortMultipartUpload: { method: "DELETE", target: whole },
    HeadBucket: { method: "HEAD", target: bucket },
    GetBucketLocation: { method: "GET", target: `${bucket}?location` },
    GetBucketVersioning: { method: "GET", target: `${bucket}?versioning` },
    CreateBucket: { method: "PUT", target: bucket },
    DeleteBucket: { method: "DELETE", target: bucket },
    ListBuckets: { method: "GET", target: "/" },
  };
  return requests[deed];
}

/** Presigners move the source into the query, from where it must lead no further than from its header. */
function copyTo(target: string, { source, isPresigned }: Step): Request {
  const name = "x-amz-copy-source";
  const value = `${source.bucket}/${encodePath(source.key)}`;
  if (!isPresigned) return { method: "PUT", target, headers: { [name]: value } };
  const moved = `${name}=${encodeURIComponent(value)}`;
  return { method: "PUT", target: `${target}${target.includes("?") ? "&" : "?"}${moved}` };
}

function deletion(keys: readonly string[]): Pick<Ask, "headers" | "body"> {
  const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`);
  const body = `<Delete>${objects.join("")}</Delete>`;
  const digest = createHash("md5").update(body).digest("base64");
  return { body, headers: { "content-md5": digest } };
}

/** What an answer shows, in the words of the shelf. */
export function shownBy({ deed }: Step, answer: Answer): readonly string[] {
  if (deed === "GetObject") return [answer.body.toString()];
  const document = documentOf(answer);
  if (deed === "ListBuckets") {
    const buckets = document.children.find(({ name }) => name === "Buckets");
    return buckets?.children.map((one) => childText(one, "Name") ?? "") ?? [];
  }
  if (deed === "DeleteObjects") {
    return document.children.map((one) => `${childText(one, "Key")} ${childText(one, "Code") ?? "deleted"}`); // prettier-ignore
  }
  const folders = childrenNamed(document, "CommonPrefixes").map((one) => childText(one, "Prefix"));
  const keys = document.children
    .filter(({ name }) => name === "Contents" || name === "Upload")
    .map((one) => childText(one, "Key"));
  return [...keys, ...folders]
    .map((one) => one ?? "")
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

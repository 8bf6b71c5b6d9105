import { onTestFinished } from "vitest";
import { S3Client, type S3ClientOptions } from "@holdfast/client";
import { answer, type ReceivedRequest, ScriptedServer, type Reply } from "@holdfast/lab";

/** What a request of a transfer is for. */
export type Step =
  | "create"
  | "part"
  | "copy"
  | "complete"
  | "abort"
  | "put"
  | "head"
  | "get"
  | "tags";

export function stepOf({ method, target, headers }: ReceivedRequest): Step {
  const isOfUpload = target.includes("uploadId=");
  if (method === "POST") return isOfUpload ? "complete" : "create";
  if (method === "DELETE") return "abort";
  if (method === "PUT") {
    if (headers.has("x-amz-copy-source")) return "copy";
    return isOfUpload ? "part" : "put";
  }
  if (method === "HEAD") return "head";
  return target.includes("tagging") ? "tags" : "get";
}

/** The number of a request's part. */
export function partOf({ target }: ReceivedRequest): number {
  return Number(/partNumber=(\d+)/.exec(target)?.[1]);
}

/** An etag that might be an MD5. */
export const partEtag = "0123456789abcdef0123456789abcdef";

/** What a service answers that takes everything. */
function taken(request: ReceivedRequest): Reply {
  switch (stepOf(request)) {
    case "create":
      return document("InitiateMultipartUploadResult", "<UploadId>u1</UploadId>");
    case "complete":
      return document("CompleteMultipartUploadResult", "<ETag>&quot;whole-2&quot;</ETag>");
    case "copy":
      return document(
        request.target.includes("uploadId=") ? "CopyPartResult" : "CopyObjectResult",
        `<ETag>${partEtag}</ETag>`,
      );
    case "tags":
      return document("Tagging", "<TagSet></TagSet>");
    case "abort":
      return answer({ status: 204, framing: "none" });
    case "get":
    case "head":
    case "part":
    case "put":
      return answer({ headers: { ETag: `"${partEtag}"` } });
  }
}

export function document(root: string, inner: string): Reply {
  const body = `<?xml version="1.0"?><${root}>${inner}</${root}>`;
  return answer({ headers: { "Content-Type": "application/xml" }, body });
}

/** A service that does as `rule` says, or takes what it says nothing of; and a client of it. */
export async function service(
  rule: (request: ReceivedRequest) => Reply | undefined,
  options: Partial<S3ClientOptions> = {},
): Promise<{ readonly server: ScriptedServer; readonly client: S3Client }> {
  const server = await ScriptedServer.start((request) => rule(request) ?? taken(request));
  const client = new S3Client({
    endpoint: server.endpoint,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of the tests" },
    checksums: "always",
    ...options,
  });
  onTestFinished(async () => {
    client.close();
    await server.close();
  });
  return { server, client };
}

/** What was asked for, in its order. */
export function stepsOf({ requests }: ScriptedServer): Step[] {
  return requests.map(stepOf);
}

/** What something failed with; fails where it did not. */
export async function failureOf(operation: Promise<unknown>): Promise<unknown> {
  const outcome = await operation.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error;
  throw new Error(`nothing failed: ${JSON.stringify(outcome.value)}`);
}

export const mebibyte = 2 ** 20;

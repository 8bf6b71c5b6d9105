import type { IncomingHttpHeaders } from "node:http";
import { readDigests } from "../body/digests.ts";
import type { Authorized, Reply } from "../context.ts";
import { encodeKey } from "../handlers/list-parameters.ts";
import { formHeaders } from "./form-headers.ts";
import { formOf } from "./form-of.ts";
import { postedReply } from "./posted-reply.ts";
import { fileOfKnownSize, type KnownBody } from "./sized-file.ts";

/** Has an upstream make the object of a form, by the PUT that makes the same. Its refusals are the form's answer. */
export async function forwardPost(
  request: Authorized,
  forward: (put: Authorized) => Promise<Reply>,
): Promise<Reply> {
  const { form, fileSizes } = formOf(request);
  const headers = formHeaders(form.fields);
  readDigests(headers);
  const file = await fileOfKnownSize(form, fileSizes);
  const put = asPut(request, headers, file);
  const reply = await forward(put).finally(() => {
    if (put.trace !== undefined) request.trace = put.trace;
  });
  if (reply.status !== 200) return reply;
  if (typeof reply.body === "object" && !Buffer.isBuffer(reply.body)) await reply.body.close();
  const { body: _body, headers: answered = {}, ...told } = reply;
  const { "content-length": _length, "content-type": _type, ...stored } = answered;
  return { ...told, ...postedReply(request, form.fields, stored) };
}

function asPut(request: Authorized, own: IncomingHttpHeaders, file: KnownBody): Authorized {
  const { bucket, key } = request;
  const { host, "if-match": ifMatch, "if-none-match": ifNoneMatch } = request.headers;
  const headers: IncomingHttpHeaders = {
    ...own,
    ...(host !== undefined && { host }),
    ...(ifMatch !== undefined && { "if-match": ifMatch }),
    ...(ifNoneMatch !== undefined && { "if-none-match": ifNoneMatch }),
    "content-length": String(file.contentLength),
  };
  return {
    ...request,
    operation: "PutObject",
    method: "PUT",
    target: `/${bucket}/${encodeKey(key)}`,
    query: new Map(),
    headers,
    rawHeaders: Object.entries(headers).flatMap(([name, value]) => [name, String(value)]),
    incoming: file,
  };
}

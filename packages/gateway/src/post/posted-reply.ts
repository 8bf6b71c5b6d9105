import { renderXml, type FormFields } from "@holdfast/protocol";
import type { Authorized, Reply } from "../context.ts";
import { objectUrl } from "../handlers/object-url.ts";

/**
 * What a form asked to be answered once its file is stored: a redirection, a document (201), or nothing
 * (API/RESTObjectPOST). A redirection to what is no web address counts as none.
 */
export function postedReply(
  request: Pick<Authorized, "bucket" | "key" | "headers" | "isSecure">,
  fields: FormFields,
  stored: Readonly<Record<string, string>>,
): Reply {
  const { bucket, key } = request;
  const { etag = "" } = stored;
  const redirect = redirectTo(fields, { bucket, key, etag });
  if (redirect !== undefined) return { status: 303, headers: { ...stored, location: redirect } };
  const location = objectUrl(request);
  const described = { ...stored, location };
  const wanted = fields.get("success_action_status");
  if (wanted === "200") return { status: 200, headers: described };
  if (wanted !== "201") return { status: 204, headers: described };
  const body = renderXml([
    "PostResponse",
    [
      ["Location", location],
      ["Bucket", bucket],
      ["Key", key],
      ["ETag", etag],
    ],
  ]);
  return { status: 201, headers: { ...described, "content-type": "application/xml" }, body };
}

function redirectTo(
  fields: FormFields,
  stored: Readonly<Record<"bucket" | "key" | "etag", string>>,
): string | undefined {
  const wanted = fields.get("success_action_redirect") ?? fields.get("redirect");
  if (wanted === undefined || !URL.canParse(wanted)) return undefined;
  const url = new URL(wanted);
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  for (const [name, value] of Object.entries(stored)) url.searchParams.append(name, value);
  return url.href;
}

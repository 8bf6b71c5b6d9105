import { AdminError } from "./admin-error.ts";

const mark = "p1:";

/** What stands for the entry that a page ended with. Only its list knows what is in it. */
export function pageToken(last: string): string {
  return Buffer.from(`${mark}${last}`).toString("base64url");
}

/** The entry after which the next page begins; `bad_page_token` for what no list gave out. */
export function afterToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const text = Buffer.from(token, "base64url").toString();
  const last = text.slice(mark.length);
  if (!text.startsWith(mark) || pageToken(last) !== token) throw new AdminError("bad_page_token");
  return last;
}

import { createHash } from "node:crypto";

/** An etag as headers and XML carry it. */
export function quoteEtag(etag: string): string {
  return `"${etag}"`;
}

/** An etag without its quotes; S3's clients send it with them or without. */
export function unquoteEtag(text: string): string {
  const quoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  return quoted ? text.slice(1, -1) : text;
}

/** The etag of a multipart object: MD5 of its parts' binary MD5s, `-` and how many they were. */
export function multipartEtag(partMd5s: readonly string[]): string {
  const hash = createHash("md5");
  for (const md5 of partMd5s) hash.update(md5, "hex");
  return `${hash.digest("hex")}-${partMd5s.length}`;
}

/** The etags of an `If-Match` or `If-None-Match`, without quotes; `*` stands for any. */
export type EtagList = "*" | readonly { readonly etag: string; readonly weak: boolean }[];

/**
 * Reads a list of etags, in quotes or, as S3 also takes them, without. What is malformed becomes an
 * entry that equals no etag: a condition never holds by misunderstanding.
 */
export function parseEtagList(header: string): EtagList {
  if (header.trim() === "*") return "*";
  return splitEntries(header).map((text) => {
    const weak = text.startsWith("W/");
    return { etag: unquoteEtag(weak ? text.slice(2) : text), weak };
  });
}

/** What stands between the commas; a comma between quotes belongs to its entry. */
function splitEntries(header: string): string[] {
  const entries: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= header.length; at += 1) {
    if (header[at] === '"') quoted = !quoted;
    if (at < header.length && (quoted || header[at] !== ",")) continue;
    const entry = header.slice(start, at).trim();
    if (entry !== "") entries.push(entry);
    start = at + 1;
  }
  return entries;
}

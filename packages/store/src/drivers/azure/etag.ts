/** An etag as a store has it. Azure puts quotes around it in headers and none in listings. */
export function etagOf(header: string | undefined): string | undefined {
  return header?.replace(/^"(.*)"$/, "$1");
}

/** An etag as a condition has it. For what no header can carry it is one that no blob has; a bare `*` would be any. */
export function quotedEtag(etag: string): string {
  return /^[!#-~]+$/.test(etag) ? `"${etag}"` : '"none"';
}

/** UTF-8 as text: keeps a byte order mark, and throws for what would be replaced. */
export function textIn(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** What JSON says. Throws for what is none. */
export function jsonIn(bytes: Uint8Array): unknown {
  return JSON.parse(textIn(bytes));
}

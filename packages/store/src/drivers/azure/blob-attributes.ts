import type { BlobHTTPHeaders, Metadata } from "@azure/storage-blob";
import type { Attributes } from "../../driver.ts";

/** What HTTP carries in a header and gives back as it was, and the SDK does not drop. */
const headerText = /^[!-~](?:[ -~]*[!-~])?$/;
const encodedWord = /^=\?UTF-8\?B\?([A-Za-z0-9+/=]*)\?=$/;

/**
 * What goes beside a blob's bytes. To Azure the names of metadata are identifiers and the values printable ASCII: any other
 * character of a name stands as `_x002d_`, and any other text as an encoded word (RFC 2047).
 */
export function blobAttributes({ contentType, metadata = {} }: Attributes): {
  readonly blobHTTPHeaders: BlobHTTPHeaders;
  readonly metadata: Metadata;
} {
  const kept = Object.entries(metadata).map(([name, value]) => [encodeName(name), encode(value)]);
  return {
    blobHTTPHeaders: contentType === undefined ? {} : { blobContentType: contentType },
    metadata: Object.fromEntries(kept),
  };
}

/** The metadata that a blob was given; that of other tools is as they wrote it, but for the case of its names. */
export function metadataOf(kept: Readonly<Record<string, string>>): Attributes["metadata"] {
  const entries = Object.entries(kept).map(([name, value]) => [decodeName(name), decode(value)]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** An underscore that begins what would be read as an escape is escaped itself. */
function encodeName(name: string): string {
  return name.replaceAll(/^[0-9]|[^a-z0-9_]|_(?=x[0-9a-f]{4}_)/g, (character) => {
    return `_x${character.charCodeAt(0).toString(16).padStart(4, "0")}_`;
  });
}

function decodeName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/_x([0-9a-f]{4})_/g, (_all, code: string) =>
      String.fromCharCode(parseInt(code, 16)),
    );
}

function encode(value: string): string {
  if (headerText.test(value) && !encodedWord.test(value)) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`;
}

function decode(value: string): string {
  const [, word] = encodedWord.exec(value) ?? [];
  return word === undefined ? value : Buffer.from(word, "base64").toString();
}

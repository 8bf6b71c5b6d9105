import type { Attachment } from "./control.ts";

const directions = /(?:^|\/)\.\.?(?:\/|$)/;

/**
 * The key that a grant has to cover for this one to be allowed. Of a bucket that an upstream keeps, one with a segment `.`
 * or `..` needs all of the bucket: a server that takes keys for paths would follow it out of any prefix.
 */
export function keyToGrant(key: string, attachment: Attachment | undefined): string {
  return attachment !== undefined && directions.test(key) ? "" : key;
}

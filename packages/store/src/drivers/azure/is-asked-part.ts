/** What an answer says of the part of a blob that its body is. */
interface Part {
  readonly contentRange?: string | undefined;
  readonly contentLength?: number | undefined;
}

/** Whether an answer has the bytes that were asked for: a range that was passed over would be other bytes than those. */
export function isAskedPart(
  { contentRange = "", contentLength }: Part,
  { offset, length }: { readonly offset: number; readonly length: number | undefined },
): boolean {
  if (offset === 0 && length === undefined) return true;
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange) ?? [];
  const end = Math.min(length === undefined ? Infinity : offset + length, Number(size));
  return Number(first) === offset && Number(last) + 1 === end && contentLength === end - offset;
}

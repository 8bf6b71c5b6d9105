import type { CheckedFault } from "../faults/fault.ts";

/** Headers that vouch for a body. */
const checksumNames = /^(x-amz-checksum-(?!type|mode).*|content-md5)$/;

/** An answer's headers as a fault has them: name, value, name, value. */
export function alteredHead(rawHeaders: readonly string[], fault: CheckedFault): string[] {
  const altered: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    altered.push(name, alteredValue(name.toLowerCase(), rawHeaders[index + 1] ?? "", fault));
  }
  return altered;
}

function alteredValue(name: string, value: string, { checksum, length }: CheckedFault): string {
  if (checksum !== undefined && checksumNames.test(name)) return anotherDigest(value);
  if (length !== undefined && name === "content-length") {
    return String(Math.max(0, Number(value) + length));
  }
  return value;
}

/** As long and of the same alphabet, but not the same. */
function anotherDigest(value: string): string {
  return (value.startsWith("A") ? "B" : "A") + value.slice(1);
}

/** The first position whose key is not below `key`. */
export function lowerBound(keys: readonly Buffer[], key: Buffer): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle];
    if (found !== undefined && Buffer.compare(found, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

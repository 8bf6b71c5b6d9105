import { isIPv4, isIPv6 } from "node:net";

/** What an address is, whatever form it was written in; undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, groups: text.split(".").map(Number) };
  const [bare = ""] = text.split("%", 1);
  if (!isIPv6(bare)) return undefined;
  const groups = readGroups(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMapped) return { family: 6, groups };
  const [high = 0, low = 0] = groups.slice(6);
  return { family: 4, groups: [high >> 8, high & 0xff, low >> 8, low & 0xff] };
}

/** Four bytes, or eight groups of 16 bits; an IPv4 address in IPv6's clothes is an IPv4 address. */
export interface Address {
  readonly family: 4 | 6;
  readonly groups: readonly number[];
}

/** The one form in which an address is logged and compared. */
export function formatAddress({ family, groups }: Address): string {
  if (family === 4) return groups.join(".");
  const [at, length] = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, at).join(":")}::${hex.slice(at + length).join(":")}`;
}

/**
 * Whom a limit holds to account: an IPv4 address, or the /64 that an IPv6 host chooses its own addresses from. Takes
 * the form that `formatAddress` makes; what is no address stands for itself.
 */
export function limitedNetwork(address: string): string {
  if (!address.includes(":")) return address;
  const parsed = parseAddress(address);
  if (parsed === undefined) return address;
  return `${parsed.groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

function readGroups(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const front = groupsOf(head);
  if (tail === undefined) return front;
  const back = groupsOf(tail);
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...zeros, ...back];
}

function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** Where the first of the longest runs of zeros begins, and how long it is: RFC 5952, 4.2. */
function longestZeros(groups: readonly number[]): readonly [at: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best[1]) best = [index - length + 1, length];
  }
  return best;
}

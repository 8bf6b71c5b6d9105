import { isIPv4 } from "node:net";
import { formatAddress, parseAddress, type Address } from "./address.ts";

interface Network {
  readonly address: Address;
  readonly bits: number;
}

/**
 * Tells where a request comes from. `X-Forwarded-For` counts only as far as proxies that are trusted vouch for it: the
 * rightmost hop that is not one of them. `Forwarded` is never read: a proxy that writes only one of two headers lets
 * the client write the other.
 */
export class TrustedProxies {
  readonly #networks: readonly Network[];

  /** Addresses and CIDRs; a `RangeError` names one that is neither. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map((text) => {
      const network = parseNetwork(text);
      if (network === undefined) throw new RangeError(`not an address or a CIDR: ${text}`);
      return network;
    });
  }

  /** In the one form of its address; empty when the connection was gone before it could be asked. */
  clientOf(peer: string | undefined, forwardedFor: string | string[] | undefined): string {
    const isDirect = this.#networks.length === 0 || forwardedFor === undefined;
    // It has one form only, and most have it.
    if (isDirect && peer !== undefined && isIPv4(peer)) return peer;
    let client = parseAddress(peer ?? "");
    if (client === undefined) return "";
    if (isDirect) return formatAddress(client);
    const hops = String(forwardedFor).split(",");
    while (this.#trusts(client)) {
      const hop = readHop(hops.pop());
      // What a trusted proxy calls unknown is as far as anyone can vouch for.
      if (hop === undefined) break;
      client = hop;
    }
    return formatAddress(client);
  }

  #trusts(address: Address): boolean {
    return this.#networks.some((network) => holds(network, address));
  }
}

/** Whether this names an address or, as `ADDRESS/BITS`, a network. */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

function parseNetwork(text: string): Network | undefined {
  const [host = "", length, more] = text.split("/");
  const address = parseAddress(host);
  if (address === undefined || more !== undefined) return undefined;
  const bitsMax = address.family === 4 ? 32 : 128;
  if (length === undefined) return { address, bits: bitsMax };
  const isMapped = address.family === 4 && host.includes(":");
  const bits = /^\d{1,3}$/.test(length) ? Number(length) - (isMapped ? 96 : 0) : -1;
  return bits < 0 || bits > bitsMax ? undefined : { address, bits };
}

function holds({ address: { family, groups }, bits }: Network, address: Address): boolean {
  if (family !== address.family) return false;
  const groupBits = family === 4 ? 8 : 16;
  return groups.every((group, index) => {
    const significant = Math.min(groupBits, Math.max(0, bits - index * groupBits));
    const shift = groupBits - significant;
    return group >> shift === (address.groups[index] ?? 0) >> shift;
  });
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function readHop(text: string | undefined): Address | undefined {
  const hop = text?.trim() ?? "";
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop) ?? [];
  const [, ported] = /^([\d.]+):\d{1,5}$/.exec(hop) ?? [];
  return parseAddress(bracketed ?? ported ?? hop);
}

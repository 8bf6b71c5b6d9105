import { isIP } from "node:net";

export interface Listen {
  /** A host name or an IP address, without brackets. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

const hostName = /^[A-Za-z0-9._-]{1,253}$/;

/** Reads `HOST:PORT` or `[IPV6]:PORT`; nothing when it is neither. */
export function parseListen(text: string): Listen | undefined {
  const colon = text.lastIndexOf(":");
  const host = colon > 0 ? text.slice(0, colon) : "";
  const digits = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(digits) || Number(digits) > 65_535) return undefined;
  const port = Number(digits);
  if (host.startsWith("[") && host.endsWith("]")) {
    const address = host.slice(1, -1);
    return isIP(address) === 6 ? { host: address, port } : undefined;
  }
  return hostName.test(host) ? { host, port } : undefined;
}

/** `HOST:PORT`, with brackets around an IPv6 address. */
export function formatListen({ host, port }: Listen): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Whether nothing outside this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Where a client on this machine finds a server that listens there. */
export function endpointOf({ host, port }: Listen, isSecure: boolean): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${isSecure ? "https" : "http"}://${formatListen({ host: reachable, port })}`;
}

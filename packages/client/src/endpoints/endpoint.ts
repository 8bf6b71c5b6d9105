import { isIP } from "node:net";
import { WireFailure } from "../errors/wire-failure.ts";
import { providerOf, type Provider, type ProviderName } from "./providers.ts";

/** How buckets appear in addresses. `auto` asks the provider. */
export type Addressing = "auto" | "path" | "virtual-hosted";

/** A service's address, taken apart once. */
export interface Endpoint {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  readonly host: string;
  /** Without a slash at its end; empty for the root. */
  readonly basePath: string;
  readonly addressing: "path" | "virtual-hosted";
  /** Whether the host is an IP address, which has no subdomains. */
  readonly isAddress: boolean;
  readonly provider: Provider;
  /** Scheme, host and port. */
  readonly origin: string;
}

export interface EndpointOptions {
  readonly endpoint: string | URL | undefined;
  readonly region: string;
  readonly addressing: Addressing;
  readonly provider: ProviderName | undefined;
}

/** The endpoint that options name: AWS's of the region where they name none. */
export function endpointOf(options: EndpointOptions): Endpoint {
  const url = parse(options.endpoint ?? awsEndpoint(options.region));
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const secure = url.protocol === "https:";
  const provider = providerOf(options.provider, hostname);
  return {
    secure,
    hostname,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    basePath: url.pathname.replace(/\/+$/, ""),
    addressing: options.addressing === "auto" ? provider.addressing : options.addressing,
    isAddress: isIP(hostname) !== 0,
    provider,
    origin: url.origin,
  };
}

function awsEndpoint(region: string): string {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://s3.${region}.${suffix}`;
}

function parse(endpoint: string | URL): URL {
  const url = URL.canParse(String(endpoint)) ? new URL(String(endpoint)) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw invalid("The endpoint must be a URL that begins with http:// or https://.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw invalid("The endpoint must have no user, password, query or fragment.");
  }
  return url;
}

function invalid(message: string): WireFailure {
  return new WireFailure({ code: "InvalidConfiguration", message });
}

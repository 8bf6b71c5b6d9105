import { SigningKeys } from "@holdfast/protocol";
import { CredentialCache } from "../credentials/credential-cache.ts";
import type { CredentialProvider, Credentials } from "../credentials/credentials.ts";
import { endpointOf, type Addressing, type Endpoint } from "../endpoints/endpoint.ts";
import type { ProviderName } from "../endpoints/providers.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { CircuitBreakerOptions } from "../resilience/breaker-rules.ts";
import type { EndpointBreaker } from "../resilience/endpoint-breaker.ts";
import { Events, type EventHook } from "../tracing/events.ts";
import type { Transport, TransportTimeouts } from "../transport/transport.ts";
import { WireTransport } from "../transport/wire-transport.ts";
import { ServiceClock } from "./service-clock.ts";

/** Time limits, in milliseconds; 0 is none. */
export interface Timeouts extends TransportTimeouts {
  /** Of a whole operation with its retries, to the head of an object's bytes: none by default. */
  readonly totalMs: number;
}

/** What a connection is made with. */
export interface S3ConnectionOptions {
  /** What requests are signed for: `us-east-1` by default. Another one that a bucket names is learned. */
  readonly region?: string | undefined;
  /** Who signs, or a function that finds out: any provider of AWS SDK v3 is one. `anonymous` signs nothing. */
  readonly credentials: Credentials | CredentialProvider | "anonymous";
  /** A URL; AWS's of the region by default. */
  readonly endpoint?: string | URL | undefined;
  /** Which service it is, where its host does not say. */
  readonly provider?: ProviderName | undefined;
  readonly addressing?: Addressing | undefined;
  /**
   * Whether checksums are sent and verified: `auto` where the provider is known to support them. Without them bytes
   * are covered by their length, and by TLS or the signature.
   */
  readonly checksums?: "auto" | "always" | "never" | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Connections to an endpoint at once: 50 by default. */
  readonly connectionsMax?: number | undefined;
  /** Tries of an operation, the first among them: 3 by default. */
  readonly attemptsMax?: number | undefined;
  /** Guards the endpoint: `endpointBreaker(options)`. */
  readonly circuitBreaker?: EndpointBreaker | undefined;
  /** Told of what the client does: for logs, metrics and traces. */
  readonly onEvent?: EventHook | undefined;
  /** Certificates to trust instead of Node's own, in PEM. */
  readonly ca?: string | readonly string[] | undefined;
}

/** What a client is made with. */
export interface S3ClientOptions extends Omit<S3ConnectionOptions, "circuitBreaker"> {
  /** Turns on a circuit breaker for the endpoint. */
  readonly circuitBreaker?: boolean | CircuitBreakerOptions | undefined;
}

/** The options with their defaults, checked once. */
export interface Settings {
  readonly region: string;
  readonly credentials: CredentialCache | undefined;
  readonly clock: ServiceClock;
  readonly endpoint: Endpoint;
  /** The endpoint of another region, where regions have their own. */
  readonly endpointOfRegion: (region: string) => Endpoint;
  readonly checksums: boolean;
  readonly timeouts: Timeouts;
  readonly attemptsMax: number;
  readonly keys: SigningKeys;
  readonly transport: Transport;
  readonly events: Events;
  readonly circuitBreaker: EndpointBreaker | undefined;
}

/** What a timer can count, in milliseconds: some 24 days. Node takes more for 1. */
const timerMsMax = 2 ** 31 - 1;

const defaultTimeouts: Timeouts = {
  connectMs: 5_000,
  headersMs: 30_000,
  idleMs: 30_000,
  totalMs: 0,
};

/** Checks the options and fills in the defaults. Throws a `WireFailure` of `InvalidConfiguration`. */
export function settingsOf(options: S3ConnectionOptions): Settings {
  const { credentials, circuitBreaker } = options;
  const { region, endpoint, endpointOfRegion } = placesOf(options);
  const timeouts = timeoutsOf(options.timeouts);
  const clock = new ServiceClock();
  return {
    region,
    credentials:
      credentials === "anonymous"
        ? undefined
        : new CredentialCache(credentials, { now: clock.now }),
    clock,
    endpoint,
    endpointOfRegion,
    checksums: sendsChecksums(options, endpoint),
    timeouts,
    attemptsMax: positive("attemptsMax", options.attemptsMax ?? 3),
    keys: new SigningKeys(16),
    events: new Events(options.onEvent),
    transport: new WireTransport({
      connectionsMax: positive("connectionsMax", options.connectionsMax ?? 50),
      ca: options.ca,
    }),
    circuitBreaker,
  };
}

type Places = Pick<Settings, "region" | "endpoint" | "endpointOfRegion">;

function placesOf(options: S3ConnectionOptions): Places {
  const { region = "us-east-1", addressing = "auto", provider } = options;
  checkChoice("addressing", addressing, ["auto", "path", "virtual-hosted"]);
  if (!/^[\w-]{1,63}$/.test(region)) throw invalid("The region must be a name such as us-east-1.");
  const endpoint = endpointOf({ endpoint: options.endpoint, region, addressing, provider });
  if (options.endpoint !== undefined) return { region, endpoint, endpointOfRegion: () => endpoint };
  const known = new Map([[region, endpoint]]);
  const endpointOfRegion = (other: string): Endpoint => {
    const found =
      known.get(other) ?? endpointOf({ endpoint: undefined, region: other, addressing, provider });
    known.set(other, found);
    return found;
  };
  return { region, endpoint, endpointOfRegion };
}

function sendsChecksums({ checksums = "auto" }: S3ConnectionOptions, endpoint: Endpoint): boolean {
  checkChoice("checksums", checksums, ["auto", "always", "never"]);
  return checksums === "auto" ? endpoint.provider.checksums : checksums === "always";
}

function timeoutsOf(given: Partial<Timeouts> = {}): Timeouts {
  const timeouts = { ...defaultTimeouts, ...given };
  for (const [name, value] of Object.entries(timeouts)) {
    if (!Number.isFinite(value) || value < 0 || value > timerMsMax) {
      throw invalid(
        `timeouts.${name} must be a number of milliseconds up to ${timerMsMax}, or 0 for none.`,
      );
    }
  }
  return timeouts;
}

function checkChoice(name: string, choice: string, choices: readonly string[]): void {
  if (!choices.includes(choice)) throw invalid(`${name} must be one of ${choices.join(", ")}.`);
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw invalid(`${name} must be a whole number above 0.`);
}

function invalid(message: string): WireFailure {
  return new WireFailure({ code: "InvalidConfiguration", message });
}

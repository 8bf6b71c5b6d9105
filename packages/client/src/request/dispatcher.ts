import { signRequest } from "@holdfast/protocol";
import { sameKeys } from "../credentials/same-keys.ts";
import { addressOf } from "../endpoints/address.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import type { OperationContext } from "../errors/s3-error.ts";
import { unsendable } from "../errors/unsendable.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { TransportResponse } from "../transport/transport.ts";
import { clientVersion } from "../version.ts";
import type { Call } from "./call.ts";
import type { PresignContext } from "../presign/context.ts";
import { addChecksums } from "./checksums.ts";
import type { Course } from "./course.ts";
import type { Mending } from "./next-step.ts";
import { payloadOf } from "./payload.ts";
import { RegionCache } from "./region-cache.ts";
import type { Settings } from "./settings.ts";

const userAgent = `holdfast-client/${clientVersion} node/${process.versions.node}`;

/** Services allow for some minutes; a smaller difference, in milliseconds, is no reason to sign anew. */
const skewMinMs = 60_000;

/** Sends one request of a call, addressed and signed; knows whose clock, which region and which credentials to use. */
export class Dispatcher {
  readonly #settings: Settings;
  readonly #regions = new RegionCache();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Sends `call`: the course's own, or one that goes on with it. */
  async dispatch(
    call: Call,
    course: Course,
    signal: AbortSignal | undefined,
  ): Promise<TransportResponse> {
    const { credentials: cache } = this.#settings;
    if (signal?.aborted === true) throw new WireFailure({ code: "Aborted", cause: signal.reason });
    course.credentials = cache?.current ?? (await cache?.get(signal));
    return this.#send(call, course, signal);
  }

  /** All that it takes to sign something of a bucket now. */
  async presignContext(bucket: string): Promise<PresignContext> {
    const { credentials: cache, clock } = this.#settings;
    if (cache === undefined) {
      throw new WireFailure({
        code: "CredentialsUnavailable",
        message: "An anonymous client has nothing to sign with.",
      });
    }
    const credentials = cache.current ?? (await cache.get());
    const region = this.#regionOf({ bucket });
    return {
      credentials,
      region,
      endpoint: this.#settings.endpointOfRegion(region),
      now: clock.now(),
    };
  }

  /** What an operation acts on, and where. */
  contextOf(call: Call): OperationContext {
    const { operation, bucket, key } = call;
    const region = this.#regionOf(call);
    const endpoint: Endpoint = this.#settings.endpointOfRegion(region);
    return { operation, bucket, key, region, endpoint: endpoint.origin };
  }

  /** What can be put right between two tries of an operation. */
  mending(course: Course, signal: AbortSignal | undefined): Mending {
    return {
      clock: (offsetMs) => {
        // What others corrected meanwhile helps this one too: what counts is the time that it was signed with.
        if (Math.abs(offsetMs - course.clockOffsetMs) < skewMinMs) return false;
        this.#settings.clock.correct(offsetMs);
        return true;
      },
      credentials: async () => {
        const { credentials } = course;
        if (credentials === undefined) return false;
        const found = await this.#settings.credentials?.replace(credentials, signal);
        return found !== undefined && !sameKeys(found, credentials);
      },
      region: (region) => {
        const { bucket } = course.call;
        if (bucket === undefined || region === course.region) return false;
        this.#regions.learn(bucket, region);
        return true;
      },
    };
  }

  #send(call: Call, course: Course, signal: AbortSignal | undefined): Promise<TransportResponse> {
    const { credentials } = course;
    const { timeouts, keys, transport, checksums, clock } = this.#settings;
    const region = this.#regionOf(call);
    course.region = region;
    course.clockOffsetMs = clock.offsetMs;
    const endpoint = this.#settings.endpointOfRegion(region);
    const { secure, port } = endpoint;
    const { hostname, host, target } = addressOf(endpoint, call);
    const { method } = call;
    const body = call.body?.open();
    const headers = headersOf(call, host);
    if (checksums) addChecksums(call, body, headers);
    course.trace?.attempt(course.history.length + 1, method, target);
    const payload = payloadOf(body, secure);
    let signed: Readonly<Record<string, string>> = headers;
    if (credentials !== undefined) {
      try {
        const signing = { credentials, region, now: clock.now(), keys, payload };
        signed = signRequest({ method, target, headers }, signing);
      } catch (error) {
        throw unsendable(error);
      }
    }
    return transport.send({
      secure,
      hostname,
      port,
      method,
      target,
      headers: signed,
      body,
      timeouts,
      signal,
    });
  }

  #regionOf({ bucket }: Pick<Call, "bucket">): string {
    return this.#regions.of(bucket) ?? this.#settings.region;
  }
}

function headersOf({ method, headers: given, body }: Call, host: string): Record<string, string> {
  const headers: Record<string, string> = { host, "user-agent": userAgent };
  for (const name in given) {
    const value = given[name];
    if (value !== undefined) headers[name] = value;
  }
  if (body !== undefined) headers["content-length"] = String(body.length);
  else if (method === "PUT" || method === "POST") headers["content-length"] = "0";
  return headers;
}

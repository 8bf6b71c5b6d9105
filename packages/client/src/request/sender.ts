import { signRequest } from "@holdfast/protocol";
import { ObjectBody, type ObjectBodyOptions } from "../bodies/object-body.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { addressOf } from "../endpoints/address.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import type { OperationContext } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { backoffMs } from "../resilience/backoff.ts";
import { endpointBreakerOptions } from "../resilience/breaker-rules.ts";
import { CircuitBreaker } from "../resilience/circuit-breaker.ts";
import { budgetOf, type RetryBudget } from "../resilience/retry-budget.ts";
import { wait } from "../resilience/wait.ts";
import type { TransportResponse } from "../transport/transport.ts";
import type { Answer, Call, Connection } from "./call.ts";
import { Course } from "./course.ts";
import { Deadline } from "./deadline.ts";
import { nextStep, type Mending, type NextStep } from "./next-step.ts";
import { addChecksums } from "./checksums.ts";
import { payloadOf } from "./payload.ts";
import { failureOf, readDocument } from "./read-answer.ts";
import { RegionCache } from "./region-cache.ts";
import type { Settings } from "./settings.ts";

const userAgent = `holdfast-client node/${process.versions.node}`;

/** Carries out calls: addresses, signs, sends, reads, and tries again where that can help and can do no harm. */
export class Sender implements Connection {
  readonly #settings: Settings;
  readonly #budget: RetryBudget;
  readonly #breaker: CircuitBreaker | undefined;
  readonly #regions = new RegionCache();
  /** The service's clock less ours, in milliseconds. */
  #clockOffsetMs = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    const { origin } = settings.endpoint;
    this.#budget = budgetOf(origin);
    if (settings.circuitBreaker !== undefined) {
      const options = { name: origin, ...endpointBreakerOptions, ...settings.circuitBreaker };
      this.#breaker = new CircuitBreaker(options);
    }
  }

  /** The time by the service's clock, in milliseconds since 1970. */
  get now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  async send(call: Call): Promise<Answer> {
    const course = new Course(call);
    const deadline = Deadline.of(call.signal, this.#settings.timeouts.totalMs);
    try {
      for (;;) {
        try {
          const answer = await this.#attempt(course, deadline.signal);
          this.#budget.success(course.lastRetry);
          return answer;
        } catch (error) {
          const answer = await this.#recover(error, course, deadline);
          if (answer !== undefined) return answer;
        }
      }
    } finally {
      deadline.clear();
    }
  }

  /** Ends every connection. */
  close(): void {
    this.#settings.transport.close();
  }

  async #attempt(course: Course, signal: AbortSignal | undefined): Promise<Answer> {
    const { call } = course;
    const lease = this.#breaker?.admit(this.#contextOf(call), course.history);
    try {
      const response = await this.#exchange(call, course, signal);
      const { status } = response;
      const isAnswer = (status >= 200 && status < 300) || call.accepts?.includes(status) === true;
      if (!isAnswer) throw await failureOf(call, response);
      const answer = await this.#read(course, response);
      lease?.succeed();
      return answer;
    } catch (error) {
      lease?.fail(error);
      throw error;
    }
  }

  async #exchange(
    call: Call,
    course: Course,
    signal: AbortSignal | undefined,
  ): Promise<TransportResponse> {
    const { credentials: cache, timeouts, keys, transport } = this.#settings;
    if (signal?.aborted === true) throw aborted(signal);
    const credentials = cache?.current ?? (await cache?.get(signal));
    course.credentials = credentials;
    const region = this.#regionOf(call);
    const endpoint = this.#settings.endpointOfRegion(region);
    const { hostname, host, target } = addressOf(endpoint, call);
    const body = call.body?.open();
    const headers = headersOf(call, host);
    if (this.#settings.checksums) addChecksums(call, body, headers);
    const { method } = call;
    const { secure, port } = endpoint;
    const sent =
      credentials === undefined
        ? headers
        : signRequest(
            { method, target, headers },
            {
              credentials,
              region,
              now: this.now,
              keys,
              payload: payloadOf(body, secure),
            },
          );
    return transport.send({
      secure,
      hostname,
      port,
      method,
      target,
      headers: sent,
      body,
      timeouts,
      signal,
    });
  }

  async #read(course: Course, response: TransportResponse): Promise<Answer> {
    const { call } = course;
    const { status, headers } = response;
    const attempts = course.history.length + 1;
    if (call.answer === "stream" && status < 300 && call.method !== "HEAD") {
      const body = new ObjectBody(response, {
        course,
        resume: this.#resume,
        toError: (failure) => this.#bodyError(failure, course),
      });
      return { status, headers, document: undefined, body, attempts };
    }
    const document = status < 300 ? await readDocument(call, response) : drained(response);
    return { status, headers, document, body: undefined, attempts };
  }

  /** Ends the operation with its error, or prepares the next try. */
  async #recover(error: unknown, course: Course, deadline: Deadline): Promise<Answer | undefined> {
    if (!(error instanceof WireFailure)) throw error;
    course.note(error);
    const { fields } = error;
    if (deadline.passed)
      throw course.toError(deadline.failure(fields).fields, this.#contextOf(course.call));
    const step = await nextStep(fields, course, this.#mending(course, deadline.signal));
    if (step === "resend") return undefined;
    if (step === "give-up" || course.counted >= this.#settings.attemptsMax) {
      return this.#end(error, course);
    }
    if (!this.#budget.take(step)) return this.#end(error, course);
    const delayMs = backoffMs({
      kind: step,
      retries: course.counted - 1,
      retryAfter: fields.retryAfter,
      random: Math.random,
    });
    if (delayMs > deadline.leftMs) return this.#end(error, course);
    course.noteDelay(step, delayMs);
    await this.#pause(delayMs, course, deadline);
    return undefined;
  }

  async #pause(delayMs: number, course: Course, deadline: Deadline): Promise<void> {
    try {
      await wait(delayMs, deadline.signal);
    } catch (cause) {
      const fields = deadline.passed
        ? deadline.failure(undefined).fields
        : new WireFailure({ code: "Aborted", cause }).fields;
      throw course.toError(fields, this.#contextOf(course.call));
    }
  }

  async #end(failure: WireFailure, course: Course): Promise<Answer> {
    const { call, ambiguous } = course;
    if (ambiguous && call.settle !== undefined) {
      const answer = await call.settle(this, failure.fields);
      if (answer !== undefined) return answer;
    }
    throw course.toError(failure.fields, this.#contextOf(call));
  }

  #bodyError(failure: WireFailure, course: Course): Error {
    course.note(failure);
    return course.toError(failure.fields, this.#contextOf(course.call));
  }

  /** Goes on where a body broke off, with waits and tries as before any answer. */
  readonly #resume: ObjectBodyOptions["resume"] = async (course, failure, rest) => {
    const { call } = course;
    const { signal } = call;
    // A transfer that moves on is not tried in vain, however often it breaks; the budget bounds that.
    if (rest.progressed) course.counted = 0;
    const again = { ...call, headers: { ...call.headers, ...rest.headers } };
    let broken = failure;
    let step: NextStep = "transient";
    for (;;) {
      await this.#prepare(step, broken, course);
      try {
        const response = await this.#exchange(again, course, signal);
        if (response.status >= 200 && response.status < 300) return response;
        broken = await failureOf(call, response);
      } catch (error) {
        if (!(error instanceof WireFailure)) throw error;
        broken = error;
      }
      step = await nextStep(broken.fields, course, this.#mending(course, signal));
    }
  };

  /** Writes a broken body down and waits, if that is worth it. Throws the failure that ends the operation. */
  async #prepare(step: NextStep, broken: WireFailure, course: Course): Promise<void> {
    if (step === "give-up") throw broken;
    if (step === "resend") {
      course.note(broken);
      return;
    }
    const isLast = course.counted + 1 >= this.#settings.attemptsMax;
    if (isLast || !this.#budget.take(step)) throw broken;
    course.note(broken);
    const { retryAfter } = broken.fields;
    const retries = course.counted - 1;
    const delayMs = backoffMs({ kind: step, retries, retryAfter, random: Math.random });
    course.noteDelay(step, delayMs);
    const { signal } = course.call;
    try {
      await wait(delayMs, signal);
    } catch (cause) {
      throw new WireFailure({ code: "Aborted", phase: "body", cause });
    }
  }

  #mending(course: Course, signal: AbortSignal | undefined): Mending {
    return {
      clock: (offsetMs) => {
        this.#clockOffsetMs = offsetMs;
        return true;
      },
      credentials: async () => {
        const { credentials } = course;
        if (credentials === undefined) return false;
        const found = await this.#settings.credentials?.replace(credentials, signal);
        return found !== undefined && !sameCredentials(found, credentials);
      },
      region: (region) => {
        const { bucket } = course.call;
        if (bucket === undefined || region === this.#regionOf(course.call)) return false;
        this.#regions.learn(bucket, region);
        return true;
      },
    };
  }

  #regionOf({ bucket }: Call): string {
    return this.#regions.of(bucket) ?? this.#settings.region;
  }

  #contextOf(call: Call): OperationContext {
    const { operation, bucket, key } = call;
    const region = this.#regionOf(call);
    const endpoint: Endpoint = this.#settings.endpointOfRegion(region);
    return { operation, bucket, key, region, endpoint: endpoint.origin };
  }
}

function sameCredentials(one: Credentials, other: Credentials): boolean {
  return one.accessKeyId === other.accessKeyId && one.sessionToken === other.sessionToken;
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

function drained(response: TransportResponse): undefined {
  response.body.resume();
}

function aborted(signal: AbortSignal): WireFailure {
  return new WireFailure({ code: "Aborted", cause: signal.reason });
}

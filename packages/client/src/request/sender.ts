import { ObjectBody, type ObjectBodyOptions } from "../bodies/object-body.ts";
import { clientClosed } from "../errors/client-closed.ts";
import { S3Error, type OperationContext } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { PresignContext } from "../presign/context.ts";
import { backoffMs } from "../resilience/backoff.ts";
import type { CircuitBreaker } from "../resilience/circuit-breaker.ts";
import { LinkedSignal } from "../resilience/linked-signal.ts";
import { budgetOf, type RetryBudget, type RetryKind } from "../resilience/retry-budget.ts";
import { wait } from "../resilience/wait.ts";
import type { Events } from "../tracing/events.ts";
import type { TransportResponse } from "../transport/transport.ts";
import type { Answer, Call, Connection } from "./call.ts";
import { Course } from "./course.ts";
import { Deadline } from "./deadline.ts";
import { Dispatcher } from "./dispatcher.ts";
import { nextStep, type NextStep } from "./next-step.ts";
import { OperationTrace } from "./operation-trace.ts";
import { failureOf, readDocument } from "./read-answer.ts";
import type { Settings } from "./settings.ts";

/** Carries out calls: addresses, signs, sends, reads, and tries again where that can help and can do no harm. */
export class Sender implements Connection {
  readonly #settings: Settings;
  readonly #budget: RetryBudget;
  readonly #breaker: CircuitBreaker | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #waits = new Set<LinkedSignal>();
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#dispatcher = new Dispatcher(settings);
    const { origin } = settings.endpoint;
    this.#budget = budgetOf(origin);
    this.#breaker = settings.circuitBreaker?.(origin, settings.events.onBreaker);
  }

  get events(): Events {
    return this.#settings.events;
  }

  /** All that it takes to sign something of a bucket now. */
  presignContext(bucket: string): Promise<PresignContext> {
    return this.#dispatcher.presignContext(bucket);
  }

  async send(call: Call): Promise<Answer> {
    const context = (): OperationContext => this.#dispatcher.contextOf(call);
    const course = new Course(call, OperationTrace.begin(this.#settings.events, context));
    const deadline = Deadline.of(call.signal, this.#settings.timeouts.totalMs);
    try {
      const answer = await this.#persist(course, deadline);
      course.trace?.response(answer, course.secrets);
      return answer;
    } catch (thrown) {
      const error = this.#publicError(thrown, course);
      if (S3Error.is(error)) course.trace?.error(error);
      throw error;
    } finally {
      deadline.clear();
    }
  }

  /** What failed between two tries, as when no credentials were to be had for another, ends it like a try. */
  #publicError(thrown: unknown, course: Course): unknown {
    if (!(thrown instanceof WireFailure)) return thrown;
    return course.toError(thrown.fields, this.#dispatcher.contextOf(course.call));
  }

  async #persist(course: Course, deadline: Deadline): Promise<Answer> {
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
  }

  /** Ends every connection, and every wait for another try or for credentials. */
  close(): void {
    this.#closed = true;
    this.#settings.credentials?.close();
    for (const waiting of this.#waits) waiting.abort(undefined);
    this.#settings.transport.close();
  }

  async #attempt(course: Course, signal: AbortSignal | undefined): Promise<Answer> {
    const { call } = course;
    const lease = this.#breaker?.admit(this.#dispatcher.contextOf(call), course);
    try {
      const response = await this.#dispatcher.dispatch(call, course, signal);
      const { status } = response;
      const isAnswer = (status >= 200 && status < 300) || call.accepts?.includes(status) === true;
      if (!isAnswer) throw await this.#failureOf(course, response);
      const answer = await this.#read(course, response);
      lease?.succeed();
      return answer;
    } catch (error) {
      lease?.fail(error);
      throw error;
    }
  }

  async #read(course: Course, response: TransportResponse): Promise<Answer> {
    const { call } = course;
    const { status, headers } = response;
    const attempts = course.history.length + 1;
    if (call.answer === "stream" && status < 300 && call.method !== "HEAD") {
      const body = new ObjectBody(response, {
        course,
        resume: this.#resume,
        resumed: this.#resumed,
        toError: (failure) => this.#bodyError(failure, course),
      });
      const { secrets } = course;
      return { status, headers, document: undefined, body, attempts, secrets };
    }
    const document = status < 300 ? await readDocument(course, response) : drained(response);
    return { status, headers, document, body: undefined, attempts, secrets: course.secrets };
  }

  #failureOf(course: Course, response: TransportResponse): Promise<WireFailure> {
    return failureOf(course, response, this.#settings.timeouts.headersMs);
  }

  /** Ends the operation with its error, or prepares the next try. */
  async #recover(error: unknown, course: Course, deadline: Deadline): Promise<Answer | undefined> {
    if (!(error instanceof WireFailure)) throw error;
    course.note(error);
    const { fields } = error;
    if (deadline.passed)
      throw course.toError(
        deadline.failure(fields).fields,
        this.#dispatcher.contextOf(course.call),
      );
    const step = await nextStep(fields, course, this.#dispatcher.mending(course, deadline.signal));
    if (step === "resend") {
      course.noteMended(error);
      return undefined;
    }
    if (step === "give-up" || course.counted >= this.#settings.attemptsMax) {
      return this.#end(error, course);
    }
    if (!this.#budget.take(step)) return this.#end(error, course);
    const delayMs = delayBefore(step, error, course);
    if (delayMs > deadline.leftMs) return this.#end(error, course);
    course.noteDelay(error, step, delayMs);
    await this.#pause(delayMs, course, deadline);
    return undefined;
  }

  async #pause(delayMs: number, course: Course, deadline: Deadline): Promise<void> {
    try {
      await this.#wait(delayMs, deadline.signal);
    } catch (failure) {
      throw deadline.passed ? deadline.failure(undefined) : failure;
    }
  }

  /** Rejects with a `WireFailure` once the signal aborts or the client is closed. */
  async #wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const link = new LinkedSignal(signal);
    this.#waits.add(link);
    try {
      await wait(delayMs, link.signal);
    } catch (cause) {
      throw this.#closed ? clientClosed() : new WireFailure({ code: "Aborted", cause });
    } finally {
      link.end();
      this.#waits.delete(link);
    }
  }

  async #end(failure: WireFailure, course: Course): Promise<Answer> {
    const { call, ambiguous } = course;
    if (ambiguous && call.settle !== undefined) {
      const answer = await call.settle(this, failure.fields);
      if (answer !== undefined) return { ...answer, attempts: course.history.length };
    }
    throw course.toError(failure.fields, this.#dispatcher.contextOf(call));
  }

  #bodyError(failure: WireFailure, course: Course): Error {
    // An abort between two requests is the end of neither.
    if (failure.fields.phase !== undefined || failure.fields.status !== undefined) {
      course.note(failure);
    }
    const error = course.toError(failure.fields, this.#dispatcher.contextOf(course.call));
    course.trace?.error(error);
    return error;
  }

  /** What it cost to go on comes back, or a few breaks a day would leave nothing to mend later ones with. */
  readonly #resumed = (course: Course): void => this.#budget.success(course.lastRetry);

  /** Goes on where a body broke off, with waits and tries as before any answer. */
  readonly #resume: ObjectBodyOptions["resume"] = async (course, failure, rest) => {
    const { call } = course;
    const { signal } = rest;
    // A transfer that moves on is not tried in vain, however often it breaks; the budget bounds that.
    if (rest.progressed) course.counted = 0;
    // The rest is asked for by where it lies in the object, of which a part is none.
    const query = call.query?.filter(([name]) => name !== "partNumber");
    const again = { ...call, query, headers: { ...call.headers, ...rest.headers } };
    let broken = failure;
    let step: NextStep = "transient";
    for (;;) {
      await this.#prepare(step, broken, { course, signal });
      const lease = this.#breaker?.admit(this.#dispatcher.contextOf(call), course);
      try {
        const response = await this.#dispatcher.dispatch(again, course, signal);
        if (response.status >= 200 && response.status < 300) {
          lease?.succeed();
          return response;
        }
        broken = await this.#failureOf(course, response);
      } catch (error) {
        lease?.fail(error);
        if (!(error instanceof WireFailure)) throw error;
        broken = error;
      }
      lease?.fail(broken);
      step = await nextStep(broken.fields, course, this.#dispatcher.mending(course, signal));
    }
  };

  /** Writes a broken body down and waits, if that is worth it. Throws the failure that ends the operation. */
  async #prepare(
    step: NextStep,
    broken: WireFailure,
    { course, signal }: { readonly course: Course; readonly signal: AbortSignal },
  ): Promise<void> {
    if (step === "give-up") throw broken;
    if (step === "resend") {
      course.note(broken);
      course.noteMended(broken);
      return;
    }
    const isLast = course.counted + 1 >= this.#settings.attemptsMax;
    if (isLast || !this.#budget.take(step)) throw broken;
    course.note(broken);
    const delayMs = delayBefore(step, broken, course);
    course.noteDelay(broken, step, delayMs);
    await this.#wait(delayMs, signal);
  }
}

/** How long to wait before the next of the counted tries, in milliseconds. */
function delayBefore(kind: RetryKind, { fields }: WireFailure, { counted }: Course): number {
  const { retryAfter } = fields;
  return backoffMs({ kind, retries: counted - 1, retryAfter, random: Math.random });
}

function drained(response: TransportResponse): undefined {
  response.body.discard();
}

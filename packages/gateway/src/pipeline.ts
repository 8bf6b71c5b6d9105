import type { IncomingMessage, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { SigningKeys, type S3Error } from "@holdfast/protocol";
import type { KeyDeletion, Known, Received, Reply, Routed } from "./context.ts";
import type { GatewayOptions, RequestRecord } from "./options.ts";
import { whenAllIsRead } from "./http/end-of-turn.ts";
import type { Exchange } from "./http/exchange.ts";
import type { Limits } from "./limits/limits.ts";
import type { TrustedProxies } from "./limits/trusted-proxies.ts";
import { recordedDeletions, requestRecord, type Outcome } from "./operator/request-record.ts";
import { beginSpan, endSpan, type RequestSpan } from "./operator/trace-request.ts";
import { openForm } from "./post/posted-form.ts";
import { authenticate } from "./stages/authenticate.ts";
import { authorize } from "./stages/authorize.ts";
import { answerPreflight, withCors } from "./stages/cors.ts";
import { execute } from "./stages/execute.ts";
import { limit, limitFailures } from "./stages/limit.ts";
import { receive } from "./stages/receive.ts";
import { asS3Error, refuse } from "./stages/refuse.ts";
import { reserve } from "./stages/reserve.ts";
import { respond, type Sent } from "./stages/respond.ts";
import { route } from "./stages/route.ts";
import { settle } from "./stages/settle.ts";

type PipelineOptions = Pick<
  GatewayOptions,
  | "engine"
  | "upstreams"
  | "control"
  | "anonymous"
  | "quotas"
  | "onSoftQuota"
  | "region"
  | "statusProfile"
  | "tracer"
> & {
  readonly log: (record: RequestRecord, deletions: readonly KeyDeletion[]) => void;
} & { readonly now: () => number; readonly hostId: string } & {
  readonly proxies: TrustedProxies;
  readonly limits: Limits;
};

/** A body that is left unread up to this size is taken off the wire before the connection closes. */
const drainBytesMax = 1024 * 1024;

/** A request, and where its answer goes. */
export interface Serving {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly isDraining: () => boolean;
}

interface Answering extends Omit<Serving, "request"> {
  readonly onWhole: (() => void) | undefined;
}

interface Decided {
  readonly reply: Reply;
  readonly error: S3Error | undefined;
}

/** Serves requests, one at a time per connection, from the first byte to the settled record. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #keys = new SigningKeys();
  /** The last one at whose end the control plane was looked at. */
  #turn: Promise<void> | undefined;
  /** Requests between their head and the end of their answer. */
  inFlight = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Never rejects. The answer, or the broken connection that stands for it, is out when it resolves. */
  async serve(exchange: Exchange, { request, response, isDraining }: Serving): Promise<void> {
    const startedAt = performance.now();
    this.inFlight += 1;
    const { requestId, incoming } = exchange;
    const receivedAt = this.#options.now();
    const { remoteAddress } = request.socket;
    const address = this.#options.proxies.clientOf(
      remoteAddress,
      request.headers["x-forwarded-for"],
    );
    const isSecure = request.socket instanceof TLSSocket;
    let known: Known = {
      requestId,
      receivedAt,
      address,
      isSecure,
      method: request.method ?? "",
      target: request.url ?? "",
      rawHeaders: [],
      headers: request.headers,
      incoming,
      span: this.#beginSpan(request),
    };
    let decided: Decided | Promise<Decided>;
    try {
      const received = receive(request, { requestId, receivedAt, address, isSecure, incoming });
      known = Object.assign(received, { span: known.span });
      decided = this.#decide(received);
    } catch (cause) {
      // At once: the parser may break on what follows, and would take the answer with it.
      decided = this.#refuse(cause, known);
    }
    const { reply, error } = decided instanceof Promise ? await decided : decided;
    exchange.phase = "answering";
    let sent: Sent;
    try {
      const onWhole = known.release;
      sent = await this.#answer(exchange, reply, { response, isDraining, onWhole });
    } finally {
      known.release?.();
    }
    exchange.phase = "done";
    this.inFlight -= 1;
    this.#record({ known, reply, sent, error, startedAt });
    if (this.inFlight === 0) this.#onIdle?.();
  }

  /** Resolves once every request that was begun is in the records. */
  async idle(): Promise<void> {
    if (this.inFlight > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Never rejects. Requests that came together are decided together, and only then answered. */
  async #decide(known: Received): Promise<Decided> {
    const turn = whenAllIsRead();
    await turn;
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#options.control.refresh();
    }
    const decided = await this.#carryOut(known).catch((cause) => this.#refuse(cause, known));
    return { ...decided, reply: withCors(decided.reply, known, this.#options.control) };
  }

  async #carryOut(known: Received): Promise<Decided> {
    const { control, limits, statusProfile } = this.#options;
    const preflight = answerPreflight(known, control);
    if (preflight !== undefined) return { reply: preflight, error: undefined };
    const routed = route(known, statusProfile);
    known.span?.addEvent("routed");
    if (routed.operation !== "PostObject") return this.#serveRouted(routed);
    // Whom to believe stands in the body: an address that fails too often is not listened to so far.
    limits.refuseFailing(known.address);
    const form = await openForm(routed);
    try {
      return await this.#serveRouted(Object.assign(routed, { form }));
    } finally {
      await form.close();
    }
  }

  async #serveRouted(routed: Routed): Promise<Decided> {
    const { control, engine, upstreams, limits, quotas } = this.#options;
    const authenticated = limitFailures(routed, limits, (one) =>
      authenticate(one, this.#authentication()),
    );
    const { span } = routed;
    span?.addEvent("authenticated");
    const { principal } = authenticated;
    if (principal.kind === "credential") control.markUsed(principal.credential.accessKeyId);
    const authorized = authorize(authenticated, control);
    span?.addEvent("authorized");
    const limited = limit(authorized, limits);
    span?.addEvent("admitted");
    const backends = await reserve(limited, { engine, upstreams }, quotas);
    const executed = await execute(limited, { ...backends, control });
    span?.addEvent("executed");
    const standing = backends.standing();
    const reply = settle(limited, executed, { standing, onSoftQuota: this.#options.onSoftQuota });
    return { reply, error: undefined };
  }

  #authentication(): Parameters<typeof authenticate>[1] {
    const { control, region, limits, anonymous: isEnabled = false } = this.#options;
    return { control, region, keys: this.#keys, anonymous: { isEnabled, control, limits } };
  }

  #refuse(cause: unknown, known: Known): Decided {
    const { statusProfile: profile, hostId } = this.#options;
    const error = asS3Error(cause);
    return { reply: refuse(error, { profile, hostId, known }), error };
  }

  async #answer(
    exchange: Exchange,
    reply: Reply,
    { response, isDraining, onWhole }: Answering,
  ): Promise<Sent> {
    const { incoming, requestId } = exchange;
    const { status, headers: own, body } = reply;
    exchange.isLast = !incoming.isConsumed || isDraining() || own?.["connection"] === "close";
    const headers = this.#headers(requestId, own);
    if (exchange.isLast) headers.push("connection", "close");
    if (response.destroyed) {
      // The client left while its object was being opened: nobody else will close it.
      if (typeof body === "object" && !Buffer.isBuffer(body)) await body.close();
      return { bytesOut: 0, aborted: true };
    }
    const linger = (): Promise<void> => {
      exchange.phase = "lingering";
      return incoming.drain(drainBytesMax);
    };
    try {
      return await respond(
        response,
        { status, headers, body, onWhole },
        incoming.isConsumed ? undefined : linger,
      );
    } catch (cause) {
      // A header that cannot be written, or a length that does not add up: our own mistake.
      response.destroy();
      return { bytesOut: 0, aborted: true, cause };
    }
  }

  /** Those that every answer has, and its own but for `connection`: name, value, name, value. */
  #headers(requestId: string, own: Readonly<Record<string, string>> = {}): string[] {
    const headers = ["x-amz-request-id", requestId, "x-amz-id-2", this.#options.hostId];
    headers.push("server", "Holdfast");
    for (const name of Object.keys(own)) {
      if (name !== "connection") headers.push(name, own[name] ?? "");
    }
    return headers;
  }

  #beginSpan({ method = "", headers }: IncomingMessage): RequestSpan | undefined {
    const { tracer } = this.#options;
    return tracer && beginSpan(tracer, { method, headers });
  }

  #record(outcome: Outcome): void {
    const { log, control } = this.#options;
    const record = requestRecord(outcome, control);
    log(record, recordedDeletions(outcome, control));
    const { span } = outcome.known;
    if (span !== undefined) endSpan(span, record);
  }
}

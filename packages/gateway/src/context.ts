import type { IncomingHttpHeaders } from "node:http";
import type {
  CopySource,
  FileSizes,
  OperationName,
  PayloadMode,
  S3Error,
} from "@holdfast/protocol";
import type { Attachment } from "./access/control.ts";
import type { Principal } from "./access/credential.ts";
import type { Scope } from "./access/scope.ts";
import type { RequestBody } from "./http/incoming-body.ts";
import type { Release } from "./limits/limits.ts";
import type { PostedForm } from "./post/posted-form.ts";
import type { RequestSpan } from "./operator/trace-request.ts";

/**
 * A request whose framing is sound, as it came off the wire. Each stage adds to this one object: a
 * copy of a dozen fields, of a new shape, would cost more than most stages do.
 */
export interface Received {
  readonly requestId: string;
  /** Milliseconds since 1970: the one time that the whole request is judged by. */
  readonly receivedAt: number;
  /** Whom the request comes from, as far as trusted proxies vouch for it; empty when nobody can tell. */
  readonly address: string;
  /** Whether it came over TLS to this process itself. */
  readonly isSecure: boolean;
  readonly method: string;
  /** The request target, byte for byte. */
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly incoming: RequestBody;
  /** Of a request that an upstream has carried out, or was asked to. */
  trace?: UpstreamTrace;
  /** Of whoever watches requests, while this one is under way; without a tracer there is none. */
  readonly span?: RequestSpan | undefined;
}

/** What an upstream had to do with a request: for the records alone. */
export interface UpstreamTrace {
  /** How the upstream names the request in its own, if it answered. */
  requestId?: string | undefined;
  /** How often the request was sent to it. */
  attempts: number;
}

/** Adds what the request is: nothing past this point looks at method or path again. */
export interface Routed extends Received {
  readonly operation: OperationName;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  /** What a PostObject was sent as. */
  readonly form?: PostedForm | undefined;
}

/** Adds who asks, and how the body is bound to the signature. */
export interface Authenticated extends Routed {
  readonly principal: Principal;
  /** Undefined for who is anonymous. A request that was refused before has the one that it claimed. */
  readonly accessKeyId: string | undefined;
  /** Ours, which a signed request was signed for. */
  readonly region: string;
  readonly payload: PayloadMode;
  /** What the policy of a form allows its file. */
  readonly fileSizes?: FileSizes | undefined;
}

/** Adds the permission: `execute` takes nothing less. */
export interface Authorized extends Authenticated {
  readonly authorized: true;
  /** Where the bucket is, when it is not the engine's. */
  readonly attachment: Attachment | undefined;
  /** What is granted, for operations that find the keys they act on in a body. */
  readonly scope: Scope;
  /** What a copy reads, which is granted, too. */
  readonly copyOrigin: CopyOrigin | undefined;
  /** Why some keys of a request were refused whose others were not: its answer is a success, and is not all there is to say. */
  denied?: S3Error | undefined;
  /** The keys of a deletion of many, in the order of its document. */
  deletions?: readonly KeyDeletion[] | undefined;
}

/** A key of a deletion of many, and why it did not go; without a code it went, if the request did. */
export interface KeyDeletion {
  readonly key: string;
  code?: string | undefined;
  readonly reason?: string | undefined;
}

/** The object that a copy reads, and where its bucket is. */
export interface CopyOrigin extends CopySource {
  readonly attachment: Attachment | undefined;
}

/** Adds a place among the requests under way. */
export interface Limited extends Authorized {
  /** Lets go of it; called once the request has ended, however it did. */
  readonly release: Release;
}

/** A request as far as the stages that it passed know it. */
export type Known = Received &
  Partial<Routed> &
  Partial<Authenticated> &
  Partial<Authorized> &
  Partial<Pick<Limited, "release">>;

/** Bytes that are made while they are sent. */
export interface ReplyStream {
  /** Undefined when only the end tells. */
  readonly length: number | undefined;
  /** What was yielded may be overwritten once the next is asked for or the iterator returns. */
  read(): AsyncIterable<Buffer>;
  /** Called once, however the response ended. */
  close(): Promise<void>;
}

/** An answer, before the headers that every answer has. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | ReplyStream;
}

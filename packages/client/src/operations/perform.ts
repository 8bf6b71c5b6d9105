import { S3Error as CatalogueError } from "@holdfast/protocol";
import type { ReplayableBody } from "../bodies/request-body.ts";
import { redact } from "../errors/redact.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { WireFailure, type WireFailureFields } from "../errors/wire-failure.ts";
import type { Answer, Call, CallOptions, Connection } from "../request/call.ts";
import { checkSignal } from "../request/check-signal.ts";
import { checkTarget } from "./check-target.ts";
import type { RequestHeaders } from "./header-table.ts";
import type { Settle } from "./settle.ts";
import type { ClientRow } from "./rows.ts";

/** What every output says of the answer that it was made of. */
export interface Receipt {
  readonly httpStatus: number;
  /** The service's name for the request, to be given to its operators. */
  readonly requestId: string | undefined;
}

/** What an operation acts on. */
export interface Target extends CallOptions {
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
}

/** The parts of a call that an operation makes of its input. */
export interface RequestParts {
  /** Beside what the operation's row requires. */
  readonly query?: Query | undefined;
  readonly headers?: RequestHeaders | undefined;
  readonly body?: ReplayableBody | Promise<ReplayableBody> | undefined;
  /** Where this request is not what its row says. */
  readonly idempotent?: boolean | undefined;
  readonly answer?: string | undefined;
  readonly accepts?: readonly number[] | undefined;
  /** What is to be done when its outcome is not known. */
  readonly settle?: Settle | undefined;
}

export type Query = readonly (readonly [name: string, value: string | undefined])[];

/** An operation: how its input becomes a request, and the answer its output. Both may throw a `WireFailure`. */
export interface Operation<Input extends Target, Output> {
  readonly row: ClientRow;
  request(input: Input): RequestParts;
  read(answer: Answer, input: Input): Output;
}

/** Carries out an operation. Rejects with an `S3Error` alone. */
export async function perform<Input extends Target, Output>(
  connection: Connection,
  operation: Operation<Input, Output>,
  input: Input,
): Promise<Output> {
  let answer: Answer | undefined;
  let body: ReplayableBody | undefined;
  try {
    checkTarget(operation.row, input);
    checkSignal(input.signal);
    const parts = operation.request(input);
    body = parts.body instanceof Promise ? await parts.body : parts.body;
    const call = callOf(operation.row, input, { parts, body });
    answer = await connection.send(call);
    return operation.read(answer, input);
  } catch (error) {
    // Nobody else will read what the caller is not given.
    await answer?.body?.dispose();
    throw publicError(error, { row: operation.row, target: input, answer });
  } finally {
    body?.end?.();
  }
}

function callOf(
  row: ClientRow,
  { bucket, key, signal }: Target,
  { parts, body }: { readonly parts: RequestParts; readonly body: ReplayableBody | undefined },
): Call {
  return {
    operation: row.name,
    method: row.method,
    bucket,
    key,
    query: queryOf(row, parts.query),
    headers: parts.headers,
    body,
    idempotent: parts.idempotent ?? row.idempotent,
    answer: parts.answer,
    accepts: parts.accepts,
    settle: parts.settle,
    signal,
  };
}

/** The row's own parameters first, unless the input gives their values. */
function queryOf({ requires }: ClientRow, given: Query | undefined): Query | undefined {
  if (requires === undefined) return given;
  const own = requires.flatMap((required) => {
    const [name = "", value = ""] = required.split("=", 2);
    return given?.some(([other]) => other === name) === true ? [] : [[name, value] as const];
  });
  return given === undefined ? own : [...own, ...given];
}

/** What a failure is about. */
interface FailedOperation {
  readonly row: ClientRow;
  readonly target: Target;
  readonly answer?: Answer | undefined;
}

/** The error of a failure outside of the send loop: an input that cannot be sent, an answer that cannot be read. */
export function publicError(error: unknown, { row, target, answer }: FailedOperation): unknown {
  const failure = failureOf(error);
  if (failure === undefined) return error;
  const { bucket, key } = target;
  const status = answer?.status;
  const secrets = answer?.secrets;
  const stated = answer?.headers["x-amz-request-id"];
  const requestId = stated === undefined ? undefined : redact(stated, secrets);
  // Of the tries before the last one only their number is known here.
  const last = answer && {
    attempt: answer.attempts,
    errorCode: failure.code,
    statusCode: status,
    requestId,
  };
  return toS3Error(
    { ...failure, ...(answer !== undefined && { status, requestId, phase: "body" }) },
    {
      context: { operation: row.name, bucket, key },
      history: last === undefined ? [] : [last],
      ambiguous: answer !== undefined && !/^(?:GET|HEAD)$/.test(row.method),
      secrets,
    },
  );
}

function failureOf(error: unknown): WireFailureFields | undefined {
  if (error instanceof WireFailure) return error.fields;
  // What the protocol refuses of a document that a service sent.
  if (CatalogueError.is(error)) return { code: "MalformedResponse", cause: error };
  return undefined;
}

/** What every output begins with. */
export function receiptOf({ status, headers }: Answer): Receipt {
  return { httpStatus: status, requestId: headers["x-amz-request-id"] };
}

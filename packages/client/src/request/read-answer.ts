import { readXml, S3Error as ProtocolError, type XmlElement } from "@holdfast/protocol";
import { collect } from "../bodies/collect.ts";
import { readFailure } from "../errors/read-failure.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { TransportResponse } from "../transport/transport.ts";
import type { Course } from "./course.ts";

/** The most that is read of an error's body, in bytes. */
const errorBytesMax = 64 * 2 ** 10;
/** The most that is read of a document, in bytes: 1,000 keys of 1,024 bytes, each of them escaped. */
const documentBytesMax = 8 * 2 ** 20;
const documentNodesMax = 100_000;

const noBytes = new Uint8Array();

/** An answer, and the operation that it is for. */
interface Exchanged {
  readonly course: Course;
  readonly response: TransportResponse;
}

/**
 * The failure that an answer is. Reads no more of it than an error can be long, and waits no longer than `withinMs`, then
 * lets go of the connection.
 */
export async function failureOf(
  course: Course,
  response: TransportResponse,
  withinMs: number,
): Promise<WireFailure> {
  const { bytes, error } = await collect(response.body, errorBytesMax, withinMs);
  if (error !== undefined) {
    // The status is an answer, however its body broke off; only the caller's own end of it is none.
    if (error.fields.code === "Aborted") return error;
  }
  return failureIn(bytes, course, response);
}

/** The document that a call is to be answered with; an error under a 200, or anything else, is a failure. */
export async function readDocument(
  course: Course,
  response: TransportResponse,
): Promise<XmlElement | undefined> {
  const { call } = course;
  if (call.method === "HEAD" || response.headers["content-length"] === "0") {
    response.body.discard();
    if (call.answer === undefined || call.method === "HEAD") return undefined;
    throw malformed({ course, response }, "The answer has no body.");
  }
  const bytes = await read(response);
  if (call.answer === undefined && bytes.length === 0) return undefined;
  const root = parse(bytes, course, response);
  if (root === undefined || root.name === call.answer) return root;
  if (root.name === "Error") throw failureIn(bytes, course, response);
  if (call.answer === undefined) return undefined;
  throw malformed(
    { course, response },
    `The answer is a <${root.name}> and not a <${call.answer}>.`,
  );
}

function parse(bytes: Buffer, course: Course, response: TransportResponse): XmlElement | undefined {
  try {
    return readXml(bytes, { bytesMax: documentBytesMax, nodesMax: documentNodesMax });
  } catch (cause) {
    if (!ProtocolError.is(cause)) throw cause;
    // Nothing was expected, and what came is no document: some servers say "OK".
    if (course.call.answer === undefined) return undefined;
    throw malformed({ course, response }, "The answer is not the document that S3 sends.", cause);
  }
}

async function read(response: TransportResponse): Promise<Buffer> {
  const { bytes, complete, error } = await collect(response.body, documentBytesMax);
  if (error !== undefined) throw error;
  if (complete) return bytes;
  throw new WireFailure({ code: "ResponseTooLarge", status: response.status, phase: "body" });
}

function malformed({ course, response }: Exchanged, message: string, cause?: unknown): WireFailure {
  const { fields } = failureIn(noBytes, course, response);
  return new WireFailure({
    ...fields,
    code: "MalformedResponse",
    codeInferred: false,
    message,
    phase: "body",
    ...(cause !== undefined && { cause }),
  });
}

/** Without what the request was signed with, which a server may have sent back. */
function failureIn(bytes: Uint8Array, course: Course, response: TransportResponse): WireFailure {
  const { call, secrets } = course;
  const { status, headers } = response;
  return new WireFailure(readFailure({ status, headers, method: call.method }, bytes, { secrets }));
}

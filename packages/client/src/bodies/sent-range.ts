import { unquoteEtag } from "@holdfast/protocol";
import { WireFailure } from "../errors/wire-failure.ts";
import type { TransportResponse } from "../transport/transport.ts";

/** Which bytes of which object a response carries. */
export interface SentRange {
  /** The headers that ask for what follows the first `received` bytes; undefined when nothing does. */
  restFrom(received: number): Readonly<Record<string, string>> | undefined;
  /** Throws unless a response goes on exactly there, in the same object. */
  checkRest(response: TransportResponse, received: number): void;
}

/** The range of a response, if it names its object and its length: without both, nothing can be gone on with. */
export function rangeOf({ status, headers }: TransportResponse): SentRange | undefined {
  const { etag } = headers;
  const span = spanOf(status, headers);
  if (etag === undefined || etag.startsWith("W/") || span === undefined) return undefined;
  const { first, last } = span;
  return {
    restFrom(received) {
      if (first + received > last) return undefined;
      return { range: `bytes=${first + received}-${last}`, "if-match": etag };
    },
    checkRest(response, received) {
      const rest = contentRange(response.headers["content-range"]);
      const isRest =
        response.status === 206 &&
        rest?.first === first + received &&
        rest.last === last &&
        isAsLong(response, rest);
      const { etag: found } = response.headers;
      const isNamed = isRest && found !== undefined;
      if (isNamed && unquoteEtag(found) === unquoteEtag(etag)) return;
      response.body.destroy();
      throw new WireFailure({
        code: isNamed ? "ModifiedDuringRead" : "MalformedResponse",
        status: response.status,
        phase: "body",
        message: isNamed
          ? undefined
          : "The service did not go on with the range of the object that it was asked for.",
      });
    },
  };
}

/** Whether a response is as long as its range; one that is not may begin anywhere. */
function isAsLong({ headers }: TransportResponse, { first, last }: Span): boolean {
  const length = headers["content-length"];
  return length === undefined || Number(length) === last - first + 1;
}

/** How many bytes a response announces, in its range or its length. */
export function lengthOf({ status, headers }: TransportResponse): number | undefined {
  const span = spanOf(status, headers);
  return span === undefined ? undefined : span.last - span.first + 1;
}

function spanOf(status: number, headers: TransportResponse["headers"]): Span | undefined {
  return status === 206 ? contentRange(headers["content-range"]) : wholeOf(headers);
}

interface Span {
  readonly first: number;
  readonly last: number;
}

function contentRange(value: string | undefined): Span | undefined {
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(value ?? "") ?? [];
  return first === undefined || last === undefined
    ? undefined
    : { first: Number(first), last: Number(last) };
}

function wholeOf(headers: TransportResponse["headers"]): Span | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : { first: 0, last: Number(length) - 1 };
}

import type { Attack } from "./attack-corpus.test.data.ts";
import {
  withAuthorization,
  withHeader,
  type HonestName,
  type WireRequest,
} from "./wire-request.test.data.ts";

interface Pieces {
  /** Each with the CRLF that ends it. */
  headers: string[];
  /** Each with the CRLF that ends it; none for the last chunk. */
  data: string[];
  /** All that follows the last chunk's header. */
  tail: string;
}

/** The framing, taken apart: three chunks with payload and an empty one. */
const frames =
  (edit: (pieces: Pieces) => void) =>
  (request: WireRequest): WireRequest => {
    const pieces = takeApart(request.body.toString("latin1"));
    edit(pieces);
    const { headers, data, tail } = pieces;
    const body = headers.map((header, index) => header + (data[index] ?? "")).join("") + tail;
    return { ...request, body: Buffer.from(body, "latin1") };
  };

const bytes =
  (edit: (body: Buffer) => Buffer) =>
  (request: WireRequest): WireRequest => ({
    ...request,
    body: edit(request.body),
  });

function takeApart(text: string): Pieces {
  const pieces: Pieces = { headers: [], data: [], tail: "" };
  let offset = 0;
  for (;;) {
    const end = text.indexOf("\r\n", offset) + 2;
    const header = text.slice(offset, end);
    const size = Number.parseInt(header, 16);
    pieces.headers.push(header);
    if (size === 0) return { ...pieces, tail: text.slice(end) };
    pieces.data.push(text.slice(end, end + size + 2));
    offset = end + size + 2;
  }
}

const flip = (text: string, at: number): string =>
  text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
const edited = (list: string[], index: number, edit: (text: string) => string): void => {
  list[index] = edit(list[index] ?? "");
};
const dropped = (index: number) =>
  frames(({ headers, data }) => {
    headers.splice(index, 1);
    data.splice(index, 1);
  });

/** What breaks the framing of any aws-chunked body. */
const framing: Readonly<Record<string, Attack["make"]>> = {
  "the first chunk dropped": dropped(0),
  "the second chunk dropped": dropped(1),
  "the last payload dropped": dropped(2),
  "the final chunk dropped": frames((pieces) => {
    pieces.headers.pop();
    pieces.tail = "";
  }),
  "nothing at all": bytes(() => Buffer.alloc(0)),
  "only the final chunk": frames(({ headers, data }) => {
    headers.splice(0, 3);
    data.length = 0;
  }),
  "the first chunk twice": frames(({ headers, data }) => {
    headers.unshift(headers[0] ?? "");
    data.unshift(data[0] ?? "");
  }),
  "the last chunk twice": frames(({ headers, data }) => {
    headers.splice(2, 0, headers[2] ?? "");
    data.splice(2, 0, data[2] ?? "");
  }),
  "the final chunk first": frames(({ headers, data }) => {
    headers.unshift(headers[3] ?? "");
    data.unshift("\r\n");
  }),
  "cut in a payload": bytes((body) => body.subarray(0, 5000)),
  "cut in a chunk header": bytes((body) => body.subarray(0, 3)),
  "cut before the last byte": bytes((body) => body.subarray(0, -1)),
  "cut before the last line": bytes((body) => body.subarray(0, -2)),
  "cut after a chunk": frames((pieces) => {
    pieces.headers.length = 1;
    pieces.data.length = 1;
    pieces.tail = "";
  }),
  "bytes after the end": bytes((body) => Buffer.concat([body, Buffer.from("x")])),
  "a line after the end": bytes((body) => Buffer.concat([body, Buffer.from("\r\n")])),
  "the whole body twice": bytes((body) => Buffer.concat([body, body])),
  "LF for CRLF after a header": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("\r", "")),
  ),
  "LF for CRLF after a payload": frames(({ data }) =>
    edited(data, 0, (text) => text.replace("\r\n", "\n")),
  ),
  "no CRLF after a payload": frames(({ data }) => edited(data, 0, (text) => text.slice(0, -2))),
  "CR CR LF after a header": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("\r", "\r\r")),
  ),
  "a size too large by one": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("2000", "2001")),
  ),
  "a size too small by one": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("2000", "1fff")),
  ),
  "a size of 2^53": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("2000", "20000000000000")),
  ),
  "a size of 2^31": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("2000", "80000000")),
  ),
  "a size of 2^32 and a bit": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("2000", "100002000")),
  ),
  "a negative size": frames(({ headers }) => edited(headers, 0, (text) => `-${text}`)),
  "a size with a plus": frames(({ headers }) => edited(headers, 0, (text) => `+${text}`)),
  "a size with 0x": frames(({ headers }) => edited(headers, 0, (text) => `0x${text}`)),
  "a size with a space": frames(({ headers }) => edited(headers, 0, (text) => ` ${text}`)),
  "a size with a leading zero": frames(({ headers }) => edited(headers, 0, (text) => `0${text}`)),
  "a size with a flood of zeros": frames(({ headers }) =>
    edited(headers, 0, (text) => "0".repeat(100_000) + text),
  ),
  "an empty size": frames(({ headers }) => edited(headers, 0, (text) => text.replace("2000", ""))),
  "a size of letters": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("2000", "zzzz")),
  ),
  "a size without an end": bytes(() => Buffer.alloc(100_000, "a")),
  "a flood of extensions": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("\r", `${";a=b".repeat(20_000)}\r`)),
  ),
  "an extension": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("\r", ";a=b\r")),
  ),
  "an empty line first": bytes((body) => Buffer.concat([Buffer.from("\r\n"), body])),
};

/** What the signatures of the chunks must show. */
const chunkSignatures: Readonly<Record<string, Attack["make"]>> = {
  "a bit of the first chunk": frames(({ data }) => edited(data, 0, (text) => flip(text, 0))),
  "a bit of the second chunk": frames(({ data }) => edited(data, 1, (text) => flip(text, 4000))),
  "a bit of the last chunk": frames(({ data }) =>
    edited(data, 2, (text) => flip(text, text.length - 3)),
  ),
  "a digit of the first signature": frames(({ headers }) => edited(headers, 0, signatureFlipped)),
  "a digit of the second signature": frames(({ headers }) => edited(headers, 1, signatureFlipped)),
  "a digit of the final signature": frames(({ headers }) => edited(headers, 3, signatureFlipped)),
  "two chunks in the other order": frames(({ headers, data }) => {
    headers.splice(0, 2, headers[1] ?? "", headers[0] ?? "");
    data.splice(0, 2, data[1] ?? "", data[0] ?? "");
  }),
  "two payloads in the other order": frames(({ data }) => {
    data.splice(0, 2, data[1] ?? "", data[0] ?? "");
  }),
  "two signatures in the other order": frames(({ headers }) => {
    headers.splice(0, 2, headers[1] ?? "", headers[0] ?? "");
  }),
  "a chunk in the place of the next": frames(({ headers, data }) => {
    headers[1] = headers[0] ?? "";
    data[1] = data[0] ?? "";
  }),
  "no signature": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace(/;.*\r/, "\r")),
  ),
  "an empty signature": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace(/=.*\r/, "=\r")),
  ),
  "a short signature": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("\r", "").slice(0, -2) + "\r\n"),
  ),
  "a long signature": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("\r", "0\r")),
  ),
  "a signature in capitals": frames(({ headers }) =>
    edited(headers, 0, (text) =>
      text.replace(/=.*\r/, (found) => found.toUpperCase().replace(/\d/g, "A")),
    ),
  ),
  "another separator": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace(";", ",")),
  ),
  "another extension's name": frames(({ headers }) =>
    edited(headers, 0, (text) => text.replace("chunk-s", "Chunk-S")),
  ),
  "no final signature": frames(({ headers }) => edited(headers, 3, () => "0\r\n")),
  "the final chunk with a signature before it": frames(({ headers }) =>
    edited(headers, 3, () => `0${(headers[2] ?? "").replace(/^[^;]*/, "")}`),
  ),
  "a chunk split in two": frames(({ headers, data }) => {
    const [header = ""] = headers;
    const [first = ""] = data;
    headers.splice(0, 1, header.replace("2000", "1000"), header.replace("2000", "1000"));
    data.splice(0, 1, `${first.slice(0, 4096)}\r\n`, first.slice(4096));
  }),
  "two chunks made one": frames(({ headers, data }) => {
    headers.splice(0, 2, (headers[0] ?? "").replace("2000", "4000"));
    data.splice(0, 2, (data[0] ?? "").slice(0, -2) + (data[1] ?? ""));
  }),
};

const trailers: Readonly<Record<string, Attack["make"]>> = {
  dropped: frames((pieces) => (pieces.tail = pieces.tail.replace(/x-amz-checksum[^\r]*\r\n/, ""))),
  twice: frames(
    (pieces) => (pieces.tail = pieces.tail.replace(/x-amz-checksum[^\r]*\r\n/, "$&$&")),
  ),
  "of another name": frames((pieces) => (pieces.tail = pieces.tail.replace("crc32", "sha1"))),
  "of no name": frames((pieces) => (pieces.tail = pieces.tail.replace("x-amz-checksum-crc32", ""))),
  "without a colon": frames((pieces) => (pieces.tail = pieces.tail.replace(":", ""))),
  "without a value": frames((pieces) => (pieces.tail = pieces.tail.replace(/:[^\r]*\r/, ":\r"))),
  "one more": frames((pieces) => (pieces.tail = `x-amz-meta-a:b\r\n${pieces.tail}`)),
  "one more at the end": frames(
    (pieces) => (pieces.tail = `${pieces.tail.slice(0, -2)}x-amz-meta-a:b\r\n\r\n`),
  ),
  "of a header": frames((pieces) => (pieces.tail = `content-length:5\r\n${pieces.tail}`)),
  "without an end": frames((pieces) => (pieces.tail = pieces.tail.slice(0, -2))),
  endless: frames((pieces) => (pieces.tail = "a".repeat(100_000))),
  "a flood": frames((pieces) => (pieces.tail = "x-amz-checksum-crc32:AAAAAA==\r\n".repeat(10_000))),
  "with LF": frames((pieces) => (pieces.tail = pieces.tail.replaceAll("\r", ""))),
};

const signedTrailers: Readonly<Record<string, Attack["make"]>> = {
  "of another value": frames(
    (pieces) => (pieces.tail = pieces.tail.replace("AAAAAA==", "AAAAAQ==")),
  ),
  "signature dropped": frames(
    (pieces) => (pieces.tail = pieces.tail.replace(/x-amz-trailer-sig[^\r]*\r\n/, "")),
  ),
  "signature changed": frames(
    (pieces) => (pieces.tail = pieces.tail.replace(/signature:.{4}/, "signature:0000")),
  ),
  "signature short": frames(
    (pieces) => (pieces.tail = pieces.tail.replace(/(signature:.*).\r/, "$1\r")),
  ),
  "signature first": frames(
    (pieces) => (pieces.tail = pieces.tail.replace(/^([^\r]*\r\n)([^\r]*\r\n)/, "$2$1")),
  ),
  "signature twice": frames(
    (pieces) => (pieces.tail = pieces.tail.replace(/x-amz-trailer-sig[^\r]*\r\n/, "$&$&")),
  ),
  "and signature both dropped": frames((pieces) => (pieces.tail = "\r\n")),
};

const heads: Readonly<Record<string, Attack["make"]>> = {
  "seed signature at random": (request) =>
    withAuthorization(request, (text) => text.replace(/[^=]*$/, "ab".repeat(32))),
  "decoded length one more": (request) =>
    withHeader(request, "x-amz-decoded-content-length", "20001"),
  "decoded length one less": (request) =>
    withHeader(request, "x-amz-decoded-content-length", "19999"),
  "decoded length missing": (request) =>
    withHeader(request, "x-amz-decoded-content-length", undefined),
  "another mode": (request) => withHeader(request, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
  "trailer announced as another": (request) =>
    withHeader(request, "x-amz-trailer", "x-amz-checksum-sha1"),
};

const on = (
  honest: HonestName,
  attacks: Readonly<Record<string, Attack["make"]>>,
  about: string,
): [string, Attack][] =>
  Object.entries(attacks).map(([name, make]) => [`${about}: ${name}`, { on: honest, make }]);

/** Attacks on bodies that are sent as aws-chunked, in each of the three modes. */
export const attacksOnStreams: Readonly<Record<string, Attack>> = Object.fromEntries([
  ...on("chunked", heads, "signed chunks"),
  ...on("chunked", framing, "signed chunks"),
  ...on("chunked", chunkSignatures, "signed chunks"),
  ...on("chunkedTrailer", heads, "signed chunks and trailer"),
  ...on("chunkedTrailer", chunkSignatures, "signed chunks and trailer"),
  ...on("chunkedTrailer", trailers, "signed trailer"),
  ...on("chunkedTrailer", signedTrailers, "signed trailer"),
  ...on("unsignedTrailer", heads, "unsigned chunks and trailer"),
  ...on("unsignedTrailer", framing, "unsigned chunks"),
  ...on("unsignedTrailer", trailers, "unsigned trailer"),
]);

function signatureFlipped(text: string): string {
  const at = text.length - 3;
  return text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
}

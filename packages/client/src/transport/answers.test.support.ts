/** Numbers from a seed, the same ones for the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  }

  of<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.below(values.length)] ?? values[0];
  }
}

const statusLines = [
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200",
  "HTTP/1.1 200 ",
  "HTTP/1.0 200 OK",
  "HTTP/1.1 204 No Content",
  "HTTP/1.1 304 Not Modified",
  "HTTP/1.1 206 Partial \xe9",
  "HTTP/1.1 404 Not Found",
  "HTTP/1.1 999 x",
  "HTTP/2.0 200 OK",
  "HTTP/0.9 200 OK",
  "HTTP/1.2 200 OK",
  "http/1.1 200 OK",
  "HTTP/1.1  200 OK",
  "HTTP/1.1 0200 OK",
  "HTTP/1.1 20 OK",
  "HTTP/1.1 099 OK",
] as const;

const fields = [
  'ETag: "e"',
  "etag:\t x \t",
  "Server: a\r\nServer: b",
  "X-Amz-Meta-A: 1\r\nx-amz-meta-a: 2",
  "Connection: close",
  "Connection: keep-alive, Close",
  "Keep-Alive: timeout=5",
  "Set-Cookie: a=b",
  "X: a\tb\xff",
  "__proto__: x",
  "X :a",
  " folded",
  "X: a\r\n b",
  ": nameless",
  "X",
  "X: a\0b",
  "X: \x7f",
  "X: a\nY: b",
  "X: a\rY: b",
  "X(: a",
] as const;

const framings = [
  "Content-Length: 5",
  "Content-Length: 5",
  "Content-Length: 5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked",
  "transfer-encoding: CHUNKED",
  "",
  "Content-Length: 0",
  "Content-Length: 05",
  "Content-Length: +5",
  "Content-Length: -5",
  "Content-Length: 5, 5",
  "Content-Length: 5\r\nContent-Length: 5",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length: 0x5",
  "Content-Length: 99999999999999999999",
  "Content-Length:",
  "Content-Length: 5 ",
  "Transfer-Encoding: chunked\r\nContent-Length: 5",
  "Content-Length: 5\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: xchunked",
] as const;

const bodies = [
  "right",
  "right",
  "5\r\nright\r\n0\r\n\r\n",
  "5\r\nright\r\n0\r\n\r\n",
  "2\r\nri\r\n3;a=b\r\nght\r\n0\r\n\r\n",
  '5;a="b c"\r\nright\r\n000\r\n\r\n',
  "5\r\nright\r\n0\r\nX-Trailer: a\r\n\r\n",
  "5\r\nright\r\n0\r\nbad\r\n\r\n",
  "5 \r\nright\r\n0\r\n\r\n",
  "5;\r\nright\r\n0\r\n\r\n",
  "5; a\r\nright\r\n0\r\n\r\n",
  "5\nright\n0\n\n",
  "6\r\nright\r\n0\r\n\r\n",
  "4\r\nright\r\n0\r\n\r\n",
  "-5\r\nright\r\n0\r\n\r\n",
  "0x5\r\nright\r\n0\r\n\r\n",
  "ffffffffffffffffff\r\nright\r\n0\r\n\r\n",
  "fffffffffffff\r\nright\r\n0\r\n\r\n",
  "\r\nright",
  "rig",
  "",
  "right and more",
  "rightHTTP/1.1 200 OK\r\n\r\n",
] as const;

const nasty = '\r\n\0 \t:;,="0159afFxX/.\x7f\x80\xff';

/** An answer, or something like one, as it would come over a connection. */
export function someAnswer(dice: Dice): Buffer {
  let text = dice.below(6) === 0 ? "HTTP/1.1 100 Continue\r\n\r\n" : "";
  const lines: string[] = [dice.below(3) > 0 ? statusLines[0] : dice.of(statusLines)];
  for (let count = dice.below(4); count > 0; count -= 1) {
    lines.push(dice.below(3) > 0 ? (fields[dice.below(9)] ?? "") : dice.of(fields));
  }
  lines.push(dice.below(2) > 0 ? (framings[dice.below(7)] ?? "") : dice.of(framings));
  text += `${lines.filter((line) => line !== "").join("\r\n")}\r\n\r\n${dice.of(bodies)}`;
  for (let count = dice.below(5) - 2; count > 0; count -= 1) text = mutated(text, dice);
  return Buffer.from(text, "latin1");
}

function mutated(text: string, dice: Dice): string {
  const at = dice.below(text.length + 1);
  const byte = nasty[dice.below(nasty.length)] ?? "";
  const inserted = dice.of([byte, byte, "", "\r\n"]);
  const removed = dice.below(2);
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

/** The same bytes in pieces. */
export function inPieces(bytes: Buffer, dice: Dice): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + dice.below(dice.of([4, 40, 400]));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

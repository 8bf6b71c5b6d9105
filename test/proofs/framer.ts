/** How many requests a stream of bytes holds, by the letter of RFC 9112. */
export interface Framing {
  /** Of whole requests, in order; whatever cannot be framed counts as one request and ends it. */
  readonly methods: readonly string[];
  /** The last one is not all there: the server may well wait for the rest. */
  readonly isPartial: boolean;
}

interface Step {
  readonly method: string;
  /** Where the next request starts; undefined when nobody can say. */
  readonly next: number | undefined;
  readonly isPartial: boolean;
}

/** Frames strictly: what is ambiguous holds no second request. */
export function frame(bytes: Buffer): Framing {
  const text = bytes.toString("latin1");
  const methods: string[] = [];
  let offset = 0;
  while (offset < text.length) {
    // RFC 9112, 2.2: an empty line before the request line is to be ignored. Node passes over half of one as well.
    if (text[offset] === "\r" || text[offset] === "\n") {
      offset += 1;
      continue;
    }
    const step = frameOne(text, offset);
    methods.push(step.method);
    if (step.next === undefined) return { methods, isPartial: step.isPartial };
    offset = step.next;
  }
  return { methods, isPartial: false };
}

function frameOne(text: string, offset: number): Step {
  const end = text.indexOf("\r\n\r\n", offset);
  const method = /^[A-Z]+/.exec(text.slice(offset, offset + 20))?.[0] ?? "";
  if (end === -1) return { method, next: undefined, isPartial: true };
  const [, ...lines] = text.slice(offset, end).split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const values = (name: string): string[] =>
    headers.filter(([each]) => each === name).map(([, value]) => value);
  const lengths = values("content-length");
  const codings = values("transfer-encoding");
  const body = end + 4;
  if (codings.length > 0) {
    const isSound = codings.join().toLowerCase() === "chunked" && lengths.length === 0;
    return isSound
      ? { method, ...frameChunks(text, body) }
      : { method, next: undefined, isPartial: false };
  }
  if (lengths.length === 0) return { method, next: body, isPartial: false };
  const [length = ""] = lengths;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) {
    return { method, next: undefined, isPartial: false };
  }
  const next = body + Number(length);
  if (next > text.length) return { method, next: undefined, isPartial: true };
  return { method, next, isPartial: false };
}

function frameChunks(text: string, start: number): Omit<Step, "method"> {
  let offset = start;
  for (;;) {
    const end = text.indexOf("\r\n", offset);
    if (end === -1) return { next: undefined, isPartial: true };
    const size = /^[\dA-Fa-f]{1,12}(?=;|$)/.exec(text.slice(offset, end))?.[0];
    if (size === undefined) return { next: undefined, isPartial: false };
    const length = Number.parseInt(size, 16);
    offset = end + 2;
    if (length === 0) {
      if (text.startsWith("\r\n", offset)) return { next: offset + 2, isPartial: false };
      const trailers = text.indexOf("\r\n\r\n", offset);
      if (trailers === -1) return { next: undefined, isPartial: true };
      return { next: trailers + 4, isPartial: false };
    }
    offset += length + 2;
    if (offset > text.length) return { next: undefined, isPartial: true };
    if (!text.startsWith("\r\n", offset - 2)) return { next: undefined, isPartial: false };
  }
}

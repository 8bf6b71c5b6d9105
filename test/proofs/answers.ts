/** One answer, as it stood on the wire. */
export interface Answer {
  readonly status: number;
  /** By lower-case name; the values of a repeated one are all there. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
  /** Statuses of the interim answers before it. */
  readonly interim: readonly number[];
}

export interface Answers {
  readonly answers: readonly Answer[];
  /** Bytes that make no whole answer. */
  readonly rest: Buffer;
}

/**
 * Reads answers as strictly as RFC 9112 allows; throws for what is none. `methods` are those of the
 * requests, since only they tell that an answer has no body.
 */
export function readAnswers(bytes: Buffer, methods: readonly string[]): Answers {
  const answers: Answer[] = [];
  let interim: number[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) return { answers, rest };
    const { status, headers } = readHead(rest.toString("latin1", 0, end));
    const after = rest.subarray(end + 4);
    if (status < 200) {
      interim.push(status);
      rest = after;
      continue;
    }
    const length = bodyLength(status, headers, methods[answers.length]);
    if (after.length < length) return { answers, rest };
    answers.push({ status, headers, body: after.subarray(0, length), interim });
    interim = [];
    rest = after.subarray(length);
  }
}

function readHead(text: string): Pick<Answer, "status" | "headers"> {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(statusLine)?.[1];
  if (status === undefined) throw new Error(`no status line: ${JSON.stringify(statusLine)}`);
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value] =
      /^([!#$%&'*+.^_`|~\w-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new Error(`no header: ${JSON.stringify(line)}`);
    }
    const values = headers.get(name.toLowerCase()) ?? [];
    headers.set(name.toLowerCase(), [...values, value]);
  }
  return { status: Number(status), headers };
}

function bodyLength(
  status: number,
  headers: Answer["headers"],
  method: string | undefined,
): number {
  if (method === "HEAD" || status === 204 || status === 304) return 0;
  if (headers.has("transfer-encoding")) throw new Error("an answer of unknown length");
  const [length, second] = headers.get("content-length") ?? [];
  if (length === undefined || second !== undefined || !/^\d+$/.test(length)) {
    throw new Error(`an answer whose length is ${String(length)} ${String(second)}`);
  }
  return Number(length);
}

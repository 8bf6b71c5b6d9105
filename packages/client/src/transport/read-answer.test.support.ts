import type { AnswerHead } from "./answer-head.ts";
import { AnswerParser } from "./answer-parser.ts";
import { MalformedAnswer } from "./malformed-answer.ts";

/** What bytes were taken for. */
export interface Reading {
  /** `whole` is an answer with its end, `short` one without; `refused` is none. */
  readonly outcome: "whole" | "short" | "refused";
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly body?: string | undefined;
  /** In how many pieces the body was given. */
  readonly pieces?: number | undefined;
  /** Why it was refused. */
  readonly why?: string | undefined;
  /** Whether bytes came behind its end. */
  readonly isFollowed?: boolean | undefined;
  /** Whether its connection may be used again. */
  readonly keeps?: boolean | undefined;
}

/** Reads pieces, and then the end of the connection, as the client does. */
export function readAnswer(pieces: readonly Buffer[], method: string): Reading {
  let head: AnswerHead | undefined;
  let end: { readonly isFollowed: boolean } | undefined;
  const body: Buffer[] = [];
  const parser = new AnswerParser({
    onHead: (read) => (head = read),
    onPiece: (bytes) => body.push(Buffer.from(bytes)),
    onEnd: (isFollowed) => (end = { isFollowed }),
  });
  parser.expect(method);
  try {
    // The parser may move bytes about within what it is given.
    for (const piece of pieces) if (end === undefined) parser.read(Buffer.from(piece));
    if (end === undefined) parser.close();
  } catch (error) {
    if (!(error instanceof MalformedAnswer)) throw error;
    if (end === undefined) return { outcome: "refused", why: error.message };
  }
  return {
    outcome: end === undefined ? "short" : "whole",
    status: head?.status,
    headers: head?.headers,
    body: Buffer.concat(body).toString("latin1"),
    pieces: body.length,
    isFollowed: end?.isFollowed,
    keeps: head?.keeps,
  };
}

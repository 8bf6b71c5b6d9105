import { catalogue, readErrorDocument, type ErrorCode, type ErrorRow } from "@holdfast/protocol";
import type { Divergence, Verdict } from "../probe/report.ts";
import type { Answered } from "./ask.ts";
import type { Question } from "./question.ts";

/** What came of a question, in words, and whether it is the truth. */
export interface Judged {
  readonly observed: string;
  /** The server's own sentence, or what the network did. */
  readonly underlying: string;
  readonly verdict: Verdict;
}

/** Compares an answer with what AWS says: code, status, and the elements that the code always comes with. */
export function judgeAnswer(question: Question, answered: Answered): Judged {
  if ("failed" in answered) {
    const how: Divergence = answered.failed === "timeout" ? "hangs" : "dies";
    return diverges([how], { observed: "no answer", underlying: answered.failed });
  }
  const { codes, status } = question;
  return codes === undefined ? ofStatus(answered, status) : ofDocument(answered, codes);
}

type Answer = Extract<Answered, { status: number }>;

function ofStatus({ status }: Answer, expected = 0): Judged {
  const judged = { observed: String(status), underlying: "" };
  if (status === expected) return { ...judged, verdict: { is: "pass" } };
  // A failure that is told as a success is a lie, and so is the reverse.
  return diverges([status < 300 === expected < 300 ? "misnames" : "lies"], judged);
}

function ofDocument({ status, body }: Answer, codes: readonly ErrorCode[]): Judged {
  const { code, message = "", details } = readErrorDocument(body);
  const known = codes.find((one) => one === code);
  const lacking = known === undefined ? [] : detailsOf(known).filter(isLackingIn(details));
  const words = [status, code ?? "without a code", ...lacking.map((name) => `without ${name}`)];
  const judged = { observed: words.join(" "), underlying: message };
  if (status < 300) return diverges(["lies"], judged);
  if (known !== undefined && statusOf(known) !== status) return diverges(["misnames"], judged);
  if (code === undefined || lacking.length > 0) return diverges(["loses the name"], judged);
  return known === undefined
    ? diverges(["misnames"], judged)
    : { ...judged, verdict: { is: "pass" } };
}

function isLackingIn(details: Readonly<Record<string, string>>): (name: string) => boolean {
  return (name) => !Object.hasOwn(details, name);
}

/** What AWS answers, in words. */
export function answerExpected({ codes, status }: Question): string {
  if (codes === undefined) return String(status);
  return codes
    .map((code) => `${statusOf(code)} ${[code, ...detailsOf(code)].join(", ")}`)
    .join(" or ");
}

function statusOf(code: ErrorCode): number {
  const row: ErrorRow = catalogue[code];
  return row.awsStatus ?? row.status;
}

function detailsOf(code: ErrorCode): readonly string[] {
  const row: ErrorRow = catalogue[code];
  return row.details ?? [];
}

function diverges(how: readonly Divergence[], words: Omit<Judged, "verdict">): Judged {
  return { ...words, verdict: { is: "diverges", how } };
}

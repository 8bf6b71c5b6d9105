import type { Expected, Situation } from "./situation.ts";

/** The page that says what Holdfast makes of each situation, made of the very data that it is tested with. */
export function fidelityPage(situations: readonly Situation[]): string {
  const numbers = new Set(situations.map(({ id }) => id.split("/")[0]));
  return [
    "# Fidelity",
    "",
    `What the client makes of ${situations.length} situations: ${numbers.size} that eight other clients were measured in, and variants of`,
    "these, whose names have a slash. A server plays each of them over a real socket, byte by byte, in",
    "`packages/client/src/fidelity`. There the columns *what happens* and *Holdfast* are data, and beside them is asserted how",
    "long each wait between two requests is, that no connection and no timer is left over, and that neither the error nor",
    "anything else that the client tells has a secret, a session token or a signature in it. *Others* says in which ways the",
    "clients that were measured get it wrong; where nobody was measured, it says so.",
    "",
    "| # | operation | what happens | Holdfast | requests | others | why it matters |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...situations.map(
      ({ id, done, arranged, expected, others, why }) =>
        `| ${[id, done, arranged, told(expected), expected.requests, others, why].map(cell).join(" | ")} |`,
    ),
    "",
  ].join("\n");
}

function told({ failure, cause, value }: Expected): string {
  if (failure === undefined) return `resolves with ${shown(value)}`;
  const { class: name, code, status, retryable, ambiguous, codeInferred, retryAfter } = failure;
  return [
    `\`${name}\``,
    code,
    status === undefined ? [] : String(status),
    retryable === undefined ? [] : retryable ? "may be tried again" : "final",
    codeInferred === true ? "code read off the status" : [],
    ambiguous === true ? "ambiguous" : [],
    retryAfter === undefined ? [] : `come back in ${retryAfter} s`,
    cause === undefined ? [] : "the signal's reason is the cause",
  ]
    .flat()
    .join(", ");
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `all ${value.length} keys as they are`;
  const text = String(value);
  return text.length > 40 ? `all ${text.length} bytes` : `\`${text}\``;
}

function cell(value: unknown): string {
  return String(value).replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

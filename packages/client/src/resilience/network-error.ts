/** Codes of exchanges that broke or never began, by Node and by its `fetch`. None of them is a caller's mistake. */
const networkCodes: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETRESET",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/** How many causes deep to look: `fetch` hides the errno one deep. */
const depthMax = 5;

/** Whether an error that is not the client's own tells of a broken network, or of a time limit that passed. */
export function isNetworkError(error: unknown): boolean {
  let link = error;
  for (let depth = 0; depth < depthMax; depth += 1) {
    if (!(link instanceof Error)) return false;
    if ("code" in link && typeof link.code === "string" && networkCodes.has(link.code)) return true;
    if (link.name === "TimeoutError") return true;
    link = link.cause;
  }
  return false;
}

import { WireFailure } from "./wire-failure.ts";

/** What an error means that signing or Node's HTTP threw of a request before sending it: it is no request. */
export function unsendable(cause: unknown): unknown {
  if (!(cause instanceof TypeError)) return cause;
  return new WireFailure({
    code: "InvalidRequest",
    message: `The request cannot be sent: ${cause.message}.`,
    cause,
  });
}

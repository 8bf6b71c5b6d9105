import { WireFailure } from "./wire-failure.ts";

/** The failure of whatever was under way when its client was closed, or was asked of it afterwards. */
export function clientClosed(): WireFailure {
  return new WireFailure({ code: "Aborted", message: "The client was closed." });
}

import { WireFailure, type FailurePhase } from "./wire-failure.ts";

/** The failure of whatever was under way when its client was closed, in the phase it was in, or was asked of it afterwards. */
export function clientClosed(phase?: FailurePhase): WireFailure {
  return new WireFailure({ code: "Aborted", message: "The client was closed.", phase });
}

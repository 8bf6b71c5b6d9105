import { WireFailure } from "../errors/wire-failure.ts";

/** Refuses what cannot abort, such as the controller in the place of its signal. Those of another realm can. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const given: unknown = signal;
  if (
    typeof given === "object" &&
    given !== null &&
    "aborted" in given &&
    "addEventListener" in given
  )
    return;
  throw new WireFailure({ code: "InvalidRequest", message: "The signal is no AbortSignal." });
}

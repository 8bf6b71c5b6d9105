import { inspect } from "node:util";
import type { WireFailure } from "../errors/wire-failure.ts";
import { failureBehind } from "./provider-failure.ts";

/** Words that stand for secrets in these tests: none may show in an error, however it is printed. */
const secrets = ["s3cr3t", "t0k3n"] as const;

/** The failure that a promise ends with. Throws when it does not fail so, or when a secret shows in it. */
export async function failureOf(promise: Promise<unknown>): Promise<WireFailure> {
  const told = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  const failure = failureBehind(told);
  if (failure === undefined) throw new Error(`no WireFailure: ${inspect(told)}`);
  const printed =
    inspect(failure, { depth: 20, showHidden: true }) + JSON.stringify([failure, told]);
  if (printed.includes("rawPacket")) throw new Error("the failure has raw bytes of the answer");
  const shown = secrets.filter((secret) => printed.includes(secret));
  if (shown.length > 0) throw new Error(`the failure shows ${shown.join(", ")}: ${printed}`);
  return failure;
}

import { inspect } from "node:util";
import { WireFailure } from "../errors/wire-failure.ts";

/** Words that stand for secrets in these tests: none may show in an error, however it is printed. */
const secrets = ["s3cr3t", "t0k3n"] as const;

/** The failure that a promise ends with. Throws when it does not fail so, or when a secret shows in it. */
export async function failureOf(promise: Promise<unknown>): Promise<WireFailure> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof WireFailure)) throw new Error(`no WireFailure: ${inspect(failure)}`);
  const printed = inspect(failure, { depth: 20, showHidden: true }) + JSON.stringify(failure);
  if (printed.includes("rawPacket")) throw new Error("the failure has raw bytes of the answer");
  const shown = secrets.filter((secret) => printed.includes(secret));
  if (shown.length > 0) throw new Error(`the failure shows ${shown.join(", ")}: ${printed}`);
  return failure;
}

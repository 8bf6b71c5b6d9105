import { WireFailure } from "../errors/wire-failure.ts";

/** Checks an option that counts something. Throws `InvalidRequest` for what is no whole number of at least `least`. */
export function wholeNumber(name: string, value: number, least = 0): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new WireFailure({
    code: "InvalidRequest",
    message: `${name} has to be a whole number of ${least} or more.`,
  });
}

import { catalogue, type ErrorCode } from "./catalogue.ts";

/** Tells whether a server's word is a catalogued code; `toString` and `__proto__` are not. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(catalogue, code);
}

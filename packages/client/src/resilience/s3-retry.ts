import { retry, type RetryOptions } from "./retry.ts";

/** A method or function that takes what it likes and promises something. */
type Operation<This, Args extends unknown[], T> = (this: This, ...args: Args) => Promise<T>;

/**
 * A standard decorator that runs a method under `retry`; a plain function can be wrapped just so. An argument with a
 * `signal` of its own, as every operation of the client takes, ends the waits as well.
 */
export function s3Retry(options: RetryOptions = {}) {
  return function decorate<This, Args extends unknown[], T>(
    operation: Operation<This, Args, T>,
    _context?: ClassMethodDecoratorContext<This, Operation<This, Args, T>>,
  ): Operation<This, Args, T> {
    function retried(this: This, ...args: Args): Promise<T> {
      const signal = signalOf(args) ?? options.signal;
      return retry(() => operation.apply(this, args), { ...options, signal });
    }
    Object.defineProperty(retried, "name", { value: operation.name, configurable: true });
    return retried;
  };
}

function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  for (const argument of args) {
    if (typeof argument !== "object" || argument === null || !("signal" in argument)) continue;
    if (argument.signal instanceof AbortSignal) return argument.signal;
  }
  return undefined;
}

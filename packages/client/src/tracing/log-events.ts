import { S3AbortedError, S3ClientError } from "../errors/classes.ts";
import { oneLine, targetOf } from "../errors/failure-sentence.ts";
import type { S3Event } from "./event.ts";
import type { EventHook } from "./events.ts";

/** Any logger with the four levels: `console`, pino, winston, bunyan. */
export interface EventLogger {
  debug(first: unknown, second: unknown): void;
  info(first: unknown, second: unknown): void;
  warn(first: unknown, second: unknown): void;
  error(first: unknown, second: unknown): void;
}

/** How a logger takes a line. */
export interface LogEventsOptions {
  /** Whether the fields come before the text, as pino and bunyan have it; false by default. */
  readonly fieldsFirst?: boolean | undefined;
}

/**
 * A hook that writes each event to a logger: failures of the service or the way to it as errors, retries and an opened
 * breaker as warnings, what a caller has to answer itself (a missing key, an abort) as information, the rest for
 * debugging. Every line has the event as its fields; none has a secret.
 */
export function logEvents(logger: EventLogger, options: LogEventsOptions = {}): EventHook {
  const { fieldsFirst = false } = options;
  return (event) => {
    const text = oneLine(textOf(event));
    if (fieldsFirst) logger[levelOf(event)](event, text);
    else logger[levelOf(event)](text, event);
  };
}

function levelOf(event: S3Event): keyof EventLogger {
  switch (event.type) {
    case "breaker":
      return event.change === "open" ? "warn" : "info";
    case "retry":
      return "warn";
    case "error":
      return S3ClientError.is(event.error) || S3AbortedError.is(event.error) ? "info" : "error";
    case "attempt":
    case "progress":
    case "request":
    case "response":
      return "debug";
  }
}

function textOf(event: S3Event): string {
  switch (event.type) {
    case "error":
      return event.error.message;
    case "breaker":
      return `The circuit breaker of ${event.name}: ${event.change}`;
    case "attempt":
      return `${targetOf(event.context)}: attempt ${event.attempt}: ${event.method} ${event.path}`;
    case "retry": {
      const { attempt, errorCode, delayMs } = event;
      return `${targetOf(event.context)}: attempt ${attempt} failed with ${errorCode}; the next in ${Math.round(delayMs)} ms`;
    }
    case "progress": {
      const { transferredBytes, totalBytes = "unknown" } = event;
      return `${targetOf(event.context)}: ${transferredBytes} of ${totalBytes} bytes`;
    }
    case "request":
      return `${targetOf(event.context)}: begins`;
    case "response":
      return `${targetOf(event.context)}: ${event.statusCode} after ${Math.round(event.elapsedMs)} ms`;
  }
}

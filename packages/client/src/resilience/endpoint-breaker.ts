import {
  endpointBreakerOptions,
  type BreakerEvent,
  type CircuitBreakerOptions,
} from "./breaker-rules.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";

/** Makes the breaker of an endpoint, which tells of each change. */
export type EndpointBreaker = (
  origin: string,
  onChange: (event: BreakerEvent) => void,
) => CircuitBreaker;

/** A circuit breaker for the endpoint of whoever is made with it, under the rules given and the client's own. */
export function endpointBreaker(options: CircuitBreakerOptions = {}): EndpointBreaker {
  const { onEvent, ...rules } = options;
  return (origin, onChange) =>
    new CircuitBreaker({
      name: origin,
      ...endpointBreakerOptions,
      ...rules,
      onEvent: (event) => {
        onChange(event);
        onEvent?.(event);
      },
    });
}

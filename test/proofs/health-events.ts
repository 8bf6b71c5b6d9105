import type { ServerChild } from "./server-child.ts";

interface HealthEvent {
  readonly writable: boolean;
  readonly reason?: string;
}

/** Where writing ended and began again, by what the server said on stderr. */
export function healthEvents(server: ServerChild): readonly HealthEvent[] {
  const lines = server.errors().split("\n");
  return lines.filter((line) => line.includes('"event":"health"')).map((line) => JSON.parse(line));
}

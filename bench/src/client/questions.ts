import type { Order } from "./order.ts";

/** What a client is asked to do. */
export type Action = "put" | "get" | "list" | "put-large" | "get-large";

/** What is asked of every contender, and which of the two figures answers it. */
export interface Question<Of extends string = string> {
  readonly asks: string;
  readonly order: Omit<Order<Of>, "durationMs">;
  readonly figures: readonly Figure[];
}

/** One figure of a question's runs. */
export interface Figure {
  readonly of: "rate" | "cpu";
  readonly unit: string;
  /** What a run's figure is multiplied by to be in that unit. */
  readonly scale: number;
  /** The most that it may be of the bare transport's. */
  readonly bareBar?: number;
}

const mib = 1024 * 1024;
const inFlight = 32;

const small: readonly Figure[] = [
  { of: "cpu", unit: "µs CPU", scale: 1000, bareBar: 1.6 },
  { of: "rate", unit: "/s", scale: 1 },
];
const large: readonly Figure[] = [{ of: "rate", unit: "MiB/s", scale: 64 }];

export const questions: readonly Question<Action>[] = [
  { asks: "1 KiB PUT", order: { action: "put", bytes: 1024, inFlight }, figures: small },
  { asks: "1 KiB GET", order: { action: "get", bytes: 1024, inFlight }, figures: small },
  {
    asks: "page of 1000 keys",
    order: { action: "list", bytes: 1000, inFlight: 1 },
    figures: [{ of: "cpu", unit: "ms CPU", scale: 1 }],
  },
  {
    asks: "64 MiB PUT",
    order: { action: "put-large", bytes: 64 * mib, inFlight: 1 },
    figures: large,
  },
  {
    asks: "64 MiB GET",
    order: { action: "get-large", bytes: 64 * mib, inFlight: 1 },
    figures: large,
  },
];

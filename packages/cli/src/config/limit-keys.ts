import * as v from "valibot";
import type { SectionKey } from "./section.ts";

const rate = v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000_000)));
const expects = "a number above 0";

/** What may be asked of the whole server; what one credential may ask is its own. */
export const limitKeys = {
  requestsPerSecond: {
    description: "Requests a second, of all clients together.",
    expects,
    schema: rate,
  },
  addressRequestsPerSecond: {
    description: "Requests a second from one address; the hosts of one IPv6 /64 are one.",
    expects,
    schema: rate,
  },
  addressFailuresPerSecond: {
    description: "Requests a second from one address that could not say who they are.",
    expects,
    schema: rate,
  },
} as const satisfies Record<string, SectionKey>;

export const limitsSchema = v.optional(
  v.strictObject({
    requestsPerSecond: limitKeys.requestsPerSecond.schema,
    addressRequestsPerSecond: limitKeys.addressRequestsPerSecond.schema,
    addressFailuresPerSecond: limitKeys.addressFailuresPerSecond.schema,
  } satisfies Record<keyof typeof limitKeys, v.GenericSchema>),
  {},
);

import * as v from "valibot";
import type { SectionKey } from "./section.ts";

const rate = v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000_000)));
const expects = "a number above 0";

const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)));

/** What may be asked of the whole server, and of each credential that has no limit of its own. */
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
  credentialRequestsPerSecond: {
    description:
      "Requests a second of each credential for which holdfast credential sets none. The root credential has none.",
    expects,
    schema: rate,
  },
  credentialConcurrency: {
    description:
      "Requests under way at once of each credential for which holdfast credential sets none. The root credential has none.",
    expects: "a whole number above 0",
    schema: count,
  },
} as const satisfies Record<string, SectionKey>;

export const limitsSchema = v.optional(
  v.strictObject({
    requestsPerSecond: limitKeys.requestsPerSecond.schema,
    addressRequestsPerSecond: limitKeys.addressRequestsPerSecond.schema,
    addressFailuresPerSecond: limitKeys.addressFailuresPerSecond.schema,
    credentialRequestsPerSecond: limitKeys.credentialRequestsPerSecond.schema,
    credentialConcurrency: limitKeys.credentialConcurrency.schema,
  } satisfies Record<keyof typeof limitKeys, v.GenericSchema>),
  {},
);

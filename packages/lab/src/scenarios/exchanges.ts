import type { Fault } from "../faults/fault.ts";
import type { Scenario } from "../probe/scenario.ts";
import { names } from "./names.ts";

const objects = { object: 200_000 };
const read = { do: "get", key: "object" } as const;
const onGet = (effect: Omit<Fault, "operation">): readonly Fault[] => [
  { operation: "GetObject", ...effect },
];
/** Long enough for three tries that wait 900 ms each. */
const withinMs = 4000;

const whyCut = "A short body with an orderly end is the easiest to take for the whole.";
const whySilence = "A call that never settles cannot be tried again by anyone.";

/** Where the connection breaks, or nothing comes: situations 12 to 16. */
export const exchanges: readonly Scenario[] = [
  {
    id: "12",
    origin: "measured",
    title: "a reset after 64 KiB of an object, once",
    arranged: { objects, faults: onGet({ after: "64KiB", reset: true }) },
    action: read,
    target: { succeeds: true, told: names.cut, withinMs },
    why: "The larger the object, the less can be had in one go.",
  },
  {
    id: "12/each",
    origin: "measured",
    title: "a reset after 16 KiB, each time",
    arranged: { objects, faults: onGet({ after: "16KiB", reset: true, times: "always" }) },
    action: read,
    target: { succeeds: true, told: names.cut },
    why: "What cannot be had whole must not be had at all.",
  },
  {
    id: "12b",
    origin: "measured",
    title: "an orderly end of the connection after 64 KiB of an object, once",
    arranged: { objects, faults: onGet({ after: "64KiB", close: true }) },
    action: read,
    target: { succeeds: true, told: names.cut, withinMs },
    why: whyCut,
  },
  {
    id: "12c",
    origin: "measured",
    title: "silence after 64 KiB of an object, each time",
    arranged: { objects, faults: onGet({ after: "64KiB", stall: true, times: "always" }) },
    action: read,
    target: { succeeds: true, told: names.timeout, withinMs },
    why: whySilence,
  },
  {
    id: "13",
    origin: "measured",
    title: "a reset instead of an answer, each time",
    arranged: { objects, faults: onGet({ reset: true, times: "always" }) },
    action: read,
    target: { told: names.reset, notTold: ["TimeoutError"], requests: [2, 20] },
    why: "A reset says something about the peer, a timeout about the way there.",
  },
  {
    id: "13/once",
    origin: "measured",
    title: "a reset instead of an answer, once",
    arranged: { objects, faults: onGet({ reset: true }) },
    action: read,
    target: { succeeds: true },
    why: "It is what a connection kept too long looks like.",
  },
  {
    id: "14",
    origin: "measured",
    title: "a host name that nobody has",
    arranged: { server: "unknown-host" },
    action: read,
    target: { told: names.unknownHost },
    why: "A wrong name in the configuration is not an outage.",
  },
  {
    id: "14/refused",
    origin: "measured",
    title: "a port that nobody listens at",
    arranged: { server: "refuses" },
    action: read,
    target: { told: names.refused },
    why: "That nobody is there is other news than that nobody answers.",
  },
  {
    id: "15",
    origin: "measured",
    title: "no answer, each time",
    arranged: { objects, faults: onGet({ stall: true, times: "always" }) },
    action: read,
    target: { told: names.timeout, withinMs },
    why: whySilence,
  },
  {
    id: "15/slow",
    origin: "measured",
    title: "an answer's head byte by byte, 40 ms apart, each time",
    arranged: { objects, faults: onGet({ drip: 40, times: "always" }) },
    action: read,
    target: { told: names.timeout, withinMs },
    why: "A trickle keeps a limit on silence from ever being reached.",
  },
  {
    id: "16",
    origin: "measured",
    title: "the caller aborts while an answer is waited for",
    arranged: { objects, faults: onGet({ stall: true, times: "always" }) },
    action: { do: "get-until-aborted", key: "object", abortMs: 500 },
    target: { told: names.aborted, notTold: ["ECONNRESET"], requests: [1, 1], withinMs },
    why: "Whose doing it was is what tells a caller's timeout from a failure.",
  },
  {
    id: "16/body",
    origin: "measured",
    title: "the caller aborts within the object's bytes",
    arranged: { objects, faults: onGet({ after: "64KiB", stall: true, times: "always" }) },
    action: { do: "get-until-aborted", key: "object", abortMs: 500 },
    target: { told: names.aborted, notTold: ["ECONNRESET"], requests: [1, 1], withinMs },
    why: "The peer is blamed for what the caller did.",
  },
];

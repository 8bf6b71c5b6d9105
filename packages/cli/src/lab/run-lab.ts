import { once } from "node:events";
import type { LabProxy } from "@holdfast/lab";
import type { Given } from "../admin/argument.ts";
import { formatListen, isLoopback, type Listen } from "../config/listen.ts";
import { assertCanListen, listenFailure } from "../port.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";
import { readFaultsFile } from "./faults-file.ts";
import { labOptions, labPort } from "./lab-arguments.ts";
import type { LabSession } from "./lab-command.ts";

/** What every lab is started with. */
interface Common extends Listen {
  readonly seed: number;
}

/** What is said of every lab beside its endpoint. */
export interface Announced {
  /** How many were set. */
  readonly faults: number;
  readonly seed: number;
}

/** One kind of lab. */
interface Kind<L extends LabProxy> {
  readonly start: (common: Common) => Promise<L>;
  /** For programs, beside what is said of every lab. */
  readonly facts: (lab: L) => Readonly<Record<string, unknown>>;
  /** For people. */
  readonly text: (lab: L, announced: Announced) => string;
}

/** Serves until `terminal.stop`, and says then which faults befell nothing. What it refuses, it refuses first. */
export async function runLab<L extends LabProxy>(
  given: Given,
  { terminal, json }: LabSession,
  { start, facts, text }: Kind<L>,
): Promise<ExitStatus> {
  const file = given.optional(labOptions.faults);
  const host = given.optional(labOptions.host) ?? "127.0.0.1";
  const port = given.optional(labOptions.port) ?? labPort;
  const seed = given.optional(labOptions.seed) ?? 1;
  const faults = file === undefined ? [] : await readFaultsFile(file);
  await assertCanListen({ host, port }, "--port");
  const lab = await start({ host, port, seed }).catch((cause: unknown) => {
    throw listenFailure(cause, { host, port }, "--port");
  });
  try {
    const places = new Map(faults.map(({ fault, place }) => [lab.fault(fault).id, place]));
    const { endpoint } = lab;
    const announced = { faults: faults.length, seed };
    warnOfExposure({ host, port: Number(new URL(endpoint).port) }, terminal);
    terminal.out(
      json
        ? line({
            event: "ready",
            endpoint,
            control: controlOf(endpoint),
            ...announced,
            ...facts(lab),
          })
        : text(lab, announced),
    );
    if (!terminal.stop.aborted) await once(terminal.stop, "abort");
    const unfired = lab.unfired.map((id) => ({ id, place: places.get(id) }));
    if (json) terminal.out(line({ event: "stopped", unfired }));
    else sayUnfired(unfired, terminal);
  } finally {
    await lab.close();
  }
  return 0;
}

function line(event: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(event)}\n`;
}

function sayUnfired(
  unfired: readonly { readonly id: number; readonly place: string | undefined }[],
  { err }: Terminal,
): void {
  if (unfired.length === 0) return;
  const named = unfired.map(({ id, place }) => (place === undefined ? `number ${id}` : place));
  err(
    `Warning: faults that befell nothing, so what they were for was not tested: ${named.join(", ")}\n`,
  );
}

function warnOfExposure(listen: Listen, { err }: Terminal): void {
  if (isLoopback(listen.host)) return;
  err(
    `Warning: ${formatListen(listen)} is reachable from other machines, and whoever reaches it may set faults and knows its credentials.\n`,
  );
}

function controlOf(endpoint: string): string {
  return `${endpoint}/-/lab/`;
}

/** Commands that work as pasted. */
export function howToSetFaults(endpoint: string): string {
  const control = controlOf(endpoint);
  return `A fault is set, shown with how often it fired, and removed:

curl -d '{"operation":"GetObject","times":2,"then":{"error":"SlowDown","retryAfter":1}}' ${control}faults
curl ${control}faults
curl -X DELETE ${control}faults/1

What arrived, attempt by attempt; and all faults ended and all that arrived forgotten:

curl ${control}requests
curl -X POST ${control}reset

One request brings its own fault along:

curl -i -H 'x-holdfast-fault: {"reset":true}' ${endpoint}/
`;
}

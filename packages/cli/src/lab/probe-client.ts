import { auditOf, probe, scenarios, subjects, type Report } from "@holdfast/lab";
import { didYouMean } from "@holdfast/protocol";
import type { Given } from "../admin/argument.ts";
import { ConfigError } from "../config/config-error.ts";
import { printable } from "../printable.ts";
import type { ExitStatus } from "../terminal.ts";
import { knownIds } from "./known-ids.ts";
import { labOperands, labOptions } from "./lab-arguments.ts";
import type { LabSession } from "./lab-command.ts";
import { assertWritable, giveReport } from "./give-report.ts";

const playsInAWink = 20;

/** `holdfast probe client`: 1 when a subject diverges or a fault never fired, 2 when one cannot be asked at all. */
export async function probeClient(given: Given, session: LabSession): Promise<ExitStatus> {
  const named = given.rest(labOperands.subject);
  for (const name of named) refuseUnknown(name);
  return await probeSubjects(named, given, session);
}

/** Plays the scenarios with subjects that a probe can load, and gives the report. */
export async function probeSubjects(
  named: readonly string[],
  given: Given,
  session: LabSession,
): Promise<ExitStatus> {
  const known = scenarios.map(({ id }) => id);
  const ids = knownIds(given.optional(labOptions.scenarios), known);
  const seed = given.optional(labOptions.seed) ?? 1;
  const files = given.optional(labOptions.report) ?? [];
  await assertWritable(files);
  sayWait(ids.length * named.length, session);
  const report = await probe({
    subjects: [...new Set(named)],
    scenarios: scenarios.filter(({ id }) => ids.includes(id)),
    seed,
    signal: session.terminal.stop,
  });
  if (session.terminal.stop.aborted) {
    session.terminal.err("Stopped: the report has what was found until then.\n");
  }
  const status = await giveReport({ report, audit: auditOf(report), files }, session);
  return sayUnasked(report, session) ? 2 : status;
}

/** Some scenarios take seconds: that a subject hangs is only seen by waiting. */
function sayWait(plays: number, { terminal, json }: LabSession): void {
  if (!json && plays > playsInAWink)
    terminal.err(`Playing ${plays} scenarios; this takes a while.\n`);
}

/** Who was asked nothing has shown nothing: no one may take that for a pass. */
function sayUnasked({ subjects: found }: Report, { terminal }: LabSession): boolean {
  const unasked = found.filter(({ findings }) =>
    findings.every(({ verdict }) => verdict.is === "not driven"),
  );
  for (const { name, findings } of unasked) {
    const [reason = "nothing was asked"] = findings.flatMap(({ verdict }) =>
      verdict.is === "not driven" ? [verdict.reason] : [],
    );
    terminal.err(`holdfast: ${name} was not asked: ${printable(reason)}\n`);
  }
  const isUnloaded = unasked.some(({ version }) => version === undefined);
  return isUnloaded || unasked.length === found.length;
}

function refuseUnknown(name: string): void {
  if (Object.hasOwn(subjects, name) || /^(\.|\/|file:)/.test(name)) return;
  const known = Object.keys(subjects);
  throw new ConfigError(
    `${JSON.stringify(name)} is no client that the probe knows`,
    `${didYouMean(name, known)}give the path of a module, such as ./my-client.mjs, or one of ${known.join(", ")}`,
  );
}

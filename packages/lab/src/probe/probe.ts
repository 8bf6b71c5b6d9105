import { scenarios as allScenarios } from "../scenarios/scenarios.ts";
import { playScenario } from "./play-scenario.ts";
import type { Finding, Report, SubjectReport } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { SubjectProcess } from "./subject-process.ts";

export interface ProbeOptions {
  /** Names, or modules that export a `Subject`: paths from `resolveFrom`, or URLs. */
  readonly subjects: readonly string[];
  /** All there are, unless told. */
  readonly scenarios?: readonly Scenario[];
  /** Decides on everything that is left to chance; 1 unless told. */
  readonly seed?: number;
  /** The directory that libraries are looked for from; the process's own unless told. */
  readonly resolveFrom?: string;
  /** Subjects at once: each waits more than it computes. 3 unless told. */
  readonly concurrency?: number;
  /** How many times as long as it says a scenario may take, on a machine that does much else; 1 unless told. */
  readonly patience?: number;
  readonly onFinding?: (subject: string, finding: Finding) => void;
  /** Once aborted, no further scenario is begun, and the report has what was found until then. */
  readonly signal?: AbortSignal;
}

/** Plays each scenario with each subject, and says of each whether it told what happened. */
export async function probe(options: ProbeOptions): Promise<Report> {
  const { seed = 1, concurrency = 3 } = options;
  const reports = new Map<string, SubjectReport>();
  const waiting = options.subjects.values();
  const work = async (): Promise<void> => {
    for (const subject of waiting) reports.set(subject, await probeSubject(subject, options));
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return {
    seed,
    date: new Date().toISOString(),
    platform: `${process.platform} ${process.arch}, Node ${process.version}`,
    subjects: options.subjects.flatMap((subject) => reports.get(subject) ?? []),
  };
}

async function probeSubject(subject: string, options: ProbeOptions): Promise<SubjectReport> {
  const { scenarios = allScenarios, seed = 1, resolveFrom = process.cwd() } = options;
  const { onFinding, signal, patience = 1 } = options;
  const running = new SubjectProcess(subject, resolveFrom);
  const findings: Finding[] = [];
  try {
    const card = await running.load();
    const name = typeof card === "string" ? subject : card.name;
    for (const scenario of scenarios) {
      if (signal?.aborted === true) break;
      const finding = await playScenario(scenario, { process: running, card, seed, patience });
      findings.push(finding);
      onFinding?.(name, finding);
    }
    return { name, ...(typeof card !== "string" && { version: card.version }), findings };
  } finally {
    running.end();
  }
}

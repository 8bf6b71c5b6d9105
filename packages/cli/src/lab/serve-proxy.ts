import { startLabProxy } from "@holdfast/lab";
import type { Given } from "../admin/argument.ts";
import type { ExitStatus } from "../terminal.ts";
import { labOperands } from "./lab-arguments.ts";
import type { LabSession } from "./lab-command.ts";
import { howToSetFaults, runLab } from "./run-lab.ts";

/** `holdfast lab proxy`: until it is told to stop; the server behind stays as it is. */
export function serveProxy(given: Given, session: LabSession): Promise<ExitStatus> {
  const upstream = given.required(labOperands.upstream);
  return runLab(given, session, {
    start: (common) => startLabProxy({ ...common, upstream }),
    facts: () => ({ upstream }),
    text: ({ endpoint }, { faults, seed }) => `The lab is ready, before ${upstream}.

  endpoint  ${endpoint}
  faults    ${faults}
  seed      ${seed}

Clients use the credentials of the server behind, and path style.

${howToSetFaults(endpoint)}
Ctrl+C stops it.
`,
  });
}

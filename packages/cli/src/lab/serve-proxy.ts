import { once } from "node:events";
import { connect } from "node:net";
import { startLabProxy } from "@holdfast/lab";
import type { Given } from "../admin/argument.ts";
import { errorCode } from "../error-code.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";
import { labOperands } from "./lab-arguments.ts";
import type { LabSession } from "./lab-command.ts";
import { howToSetFaults, runLab } from "./run-lab.ts";

/** `holdfast lab proxy`: until it is told to stop; the server behind stays as it is. */
export async function serveProxy(given: Given, session: LabSession): Promise<ExitStatus> {
  const upstream = given.required(labOperands.upstream);
  await warnOfAbsence(upstream, session.terminal);
  return await runLab(given, session, {
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

const connectMs = 2000;

/** It may come later, and a lab breaks off what it cannot pass on: who mistyped the URL would look for a fault. */
async function warnOfAbsence(upstream: string, { err }: Terminal): Promise<void> {
  const { protocol, hostname, port } = new URL(upstream);
  const socket = connect({
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port === "" ? ({ "https:": 443 }[protocol] ?? 80) : port),
  });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(connectMs) });
  } catch (error) {
    const why = errorCode(error) ?? "no answer in time";
    err(
      `Warning: nothing listens at ${upstream} (${why}); requests are broken off until it does.\n`,
    );
  } finally {
    socket.destroy();
  }
}

import { resolve } from "node:path";
import { performance } from "node:perf_hooks";
import type { Settings } from "../config/settings.ts";
import { checkClock } from "../doctor/clock.ts";
import { checkCredential } from "../doctor/credential.ts";
import { checkDisk } from "../doctor/disk.ts";
import { checkNode } from "../doctor/node.ts";
import { checkPort } from "../doctor/port.ts";
import type { Finding } from "../doctor/finding.ts";
import { packageInfo } from "../package-info.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";

export interface DoctorOptions {
  readonly settings: Settings;
  readonly json: boolean;
}

/** Checks what a server needs of this machine, leaves nothing behind; 1 when something must be mended. */
export async function doctor(
  { settings, json }: DoctorOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const directory = resolve(settings.data);
  const started = { wallMs: Date.now(), monotonicMs: performance.now() };
  const findings: readonly Finding[] = [
    checkNode(terminal.nodeVersion, packageInfo().nodeRange),
    await checkPort(settings.listen, directory),
    ...(await checkDisk(directory)),
    await checkCredential(directory),
    checkClock(started, { wallMs: Date.now(), monotonicMs: performance.now() }),
  ];
  const healthy = findings.every(({ status }) => status !== "fail");
  terminal.out(
    json
      ? `${JSON.stringify({ event: "doctor", healthy, checks: findings })}\n`
      : findings.map(line).join(""),
  );
  return healthy ? 0 : 1;
}

function line({ status, check, detail, mend }: Finding): string {
  const advice = mend === undefined ? "" : `\n${" ".repeat(18)}${mend}`;
  return `${status.padEnd(6)}${check.padEnd(12)}${detail}${advice}\n`;
}

import { access, constants, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import {
  htmlReport,
  isDivergent,
  jsonReport,
  markdownReport,
  textReport,
  type Audit,
} from "@holdfast/lab";
import { ConfigError } from "../config/config-error.ts";
import { errorCode } from "../error-code.ts";
import type { ExitStatus } from "../terminal.ts";
import type { reportForms } from "./lab-arguments.ts";
import type { LabSession } from "./lab-command.ts";

interface Given {
  /** As it is, for programs. */
  readonly report: object;
  /** The same in words. */
  readonly audit: Audit;
  readonly files: readonly string[];
}

/** Rejects with a `ConfigError` for a file that there is no folder for: better before a probe than after it. */
export async function assertWritable(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await access(dirname(file), constants.W_OK).catch((cause: unknown) => {
      throw new ConfigError(
        `${file} cannot be written (${errorCode(cause) ?? "unknown"})`,
        "name a file in a folder that is there with --report",
        { cause },
      );
    });
  }
}

/** Prints a report and writes its files; 1 for a divergence or a fault that never fired. */
export async function giveReport(
  { report, audit, files }: Given,
  { terminal, json }: LabSession,
): Promise<ExitStatus> {
  terminal.out(json ? `${JSON.stringify(report)}\n` : textReport(audit));
  for (const file of files) await writeFile(file, textOf(file, { report, audit }));
  return isDivergent(audit) ? 1 : 0;
}

const forms: Readonly<
  Record<(typeof reportForms)[number], (given: Pick<Given, "report" | "audit">) => string>
> = {
  md: ({ audit }) => markdownReport(audit),
  json: ({ report }) => jsonReport(report),
  html: ({ audit }) => htmlReport(audit),
};

function textOf(file: string, given: Pick<Given, "report" | "audit">): string {
  const end = extname(file).slice(1);
  if (end === "md" || end === "json" || end === "html") return forms[end](given);
  throw new TypeError(`${file} is no report`);
}

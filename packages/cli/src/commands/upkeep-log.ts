import type { Terminal } from "../terminal.ts";
import { reportText } from "./report-text.ts";
import type { UpkeepLog } from "./upkeep.ts";

/** Each thing as a line of JSON on stdout. */
export function jsonUpkeepLog({ out }: Terminal): UpkeepLog {
  const line = (fields: object): void => out(`${JSON.stringify(fields)}\n`);
  return {
    scrubbed: (report) => line({ event: "scrub", ...report }),
    uploadsAborted: (count) => line({ event: "uploads-aborted", count }),
    failed: (task, error) => line({ event: "upkeep-failed", task, cause: String(error) }),
  };
}

/** Only what is damaged or failed, on stderr for whoever sits before it. */
export function upkeepLog({ err }: Terminal): UpkeepLog {
  return {
    scrubbed: (report) => {
      if (report.damaged > 0) err(`Scrub: data is damaged.\n${reportText(report)}`);
    },
    uploadsAborted: () => undefined,
    failed: (task, error) => err(`The ${task} failed: ${String(error)}\n`),
  };
}

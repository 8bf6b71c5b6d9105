import type { RecoveryReport } from "@holdfast/engine";

/** What a start finds of the stop before it, in words; empty when that was a clean one. */
export function recoveryText(report: RecoveryReport): string {
  const { replayedCommits, cutBytes, orphanedBlobs, deletedBlobs } = report;
  return [
    replayedCommits === 0 ? "" : `${replayedCommits} commits read again from the log`,
    cutBytes === 0 ? "" : `${cutBytes} bytes of an unfinished commit cut from its end`,
    orphanedBlobs === 0 ? "" : `${orphanedBlobs} files of unfinished writes removed`,
    deletedBlobs === 0 ? "" : `${deletedBlobs} files of deleted objects removed`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** A report for programs, as it is. */
export function jsonReport(report: object): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

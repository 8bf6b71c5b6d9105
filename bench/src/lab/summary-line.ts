import type { SubjectReport } from "@holdfast/lab";

/** What came of one subject, in a line for a terminal. */
export function summaryLine({ name, version = "not installed", findings }: SubjectReport): string {
  const verdicts = findings.map(({ verdict }) => verdict);
  const count = (is: string): number => verdicts.filter((one) => one.is === is).length;
  const counts = [
    `${count("pass")} pass`,
    `${count("diverges")} diverge`,
    `${count("not driven")} not driven`,
    `${count("not fired")} not fired`,
  ];
  return `${`${name} ${version}`.padEnd(34)} ${counts.join(", ")}`;
}

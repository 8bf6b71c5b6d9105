import type { Verdict } from "../probe/report.ts";

/** A verdict in full. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.is) {
    case "pass":
      return "pass";
    case "diverges":
      return `diverges: ${verdict.how.join(", ")}`;
    case "not driven":
      return `not driven: ${verdict.reason}`;
    case "not fired":
      return `not fired: ${verdict.faults.map((id) => `fault ${id}`).join(", ")}`;
  }
}

/** A verdict for a cell of the matrix: the gravest of what diverges, and how much else does. */
export function shortVerdict(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "";
  if (verdict.is !== "diverges") return verdict.is;
  const [gravest = "diverges", ...others] = verdict.how;
  return others.length === 0 ? gravest : `${gravest} +${others.length}`;
}

import type { Action } from "../probe/action.ts";
import type { Scenario, Target } from "../probe/scenario.ts";

const origins = {
  audit: "the audit",
  measured: "situations that clients were measured in",
  fault: "the lab's faults",
} as const;

/** The page that says what a probe asks, made of the very data that it asks with. */
export function scenariosPage(scenarios: readonly Scenario[]): string {
  return [
    "# Scenarios of the probe",
    "",
    `The ${scenarios.length} questions that \`holdfast probe\` asks of a client or a store. Each is played on a lab of its own, over a real`,
    "socket, with the subject in another process; `packages/lab/src/scenarios` has them as data. *Faithful* is what passes:",
    "a result, or a failure told by one of these codes, names or statuses in fields of the error or of its causes,",
    "never in its message. What is stored afterwards is compared byte by byte, and no upload may stay open unless it says so.",
    ...Object.entries(origins).flatMap(([origin, heading]) => [
      "",
      `## From ${heading}`,
      "",
      "| id | what happens | what is done | faithful | why it matters |",
      "| --- | --- | --- | --- | --- |",
      ...scenarios
        .filter((one) => one.origin === origin)
        .map(
          ({ id, title, action, target, why }) =>
            `| ${[id, title, done(action), faithful(target), why].map(cell).join(" | ")} |`,
        ),
    ]),
    "",
  ].join("\n");
}

function done(action: Action): string {
  const bytes = "bytes" in action ? ` of ${grouped(action.bytes)} B` : "";
  const failing =
    "failAt" in action ? `, whose source fails after ${grouped(action.failAt ?? 0)} B` : "";
  const condition = "ifAbsent" in action ? ", if there is none" : "";
  return `${action.do}${bytes}${failing}${condition}`;
}

function faithful(target: Target): string {
  const { told, notTold, stored = {}, requests, openUploads = 0 } = target;
  const results = [
    Object.hasOwn(target, "value") ? `\`${shown(target.value)}\`` : [],
    target.succeeds === true ? "success" : [],
    told === undefined ? [] : told.map((name) => `\`${name}\``).join(" "),
  ].flat();
  return [
    results.join(" or "),
    notTold === undefined ? [] : `not ${notTold.map((name) => `\`${name}\``).join(" ")}`,
    Object.entries(stored).map(([key, bytes]) =>
      bytes === "absent" ? `\`${key}\` absent` : `\`${key}\` of ${grouped(bytes)} B`,
    ),
    openUploads > 0 ? `${openUploads} upload may stay open` : [],
    requests === undefined
      ? []
      : `${[...new Set(requests)].join(" to ")} request${requests[1] === 1 ? "" : "s"}`,
  ]
    .flat()
    .join("; ");
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.length > 20) return `all ${value.length} keys`;
  return JSON.stringify(value);
}

function grouped(bytes: number): string {
  return bytes.toLocaleString("en-US");
}

function cell(value: string): string {
  return value.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

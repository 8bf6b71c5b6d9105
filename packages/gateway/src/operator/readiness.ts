import type { Health } from "@holdfast/engine";
import type { AuditState } from "../audit/audit-log.ts";
import { jsonPage, type Page } from "./page.ts";

/** A part of the gateway that can be asked how it is. */
export interface PartCheck {
  /** As `/readyz` and the metric show it; no address and no path. */
  readonly part: string;
  /** Answers at once, from what is known or by a quick look. One that throws is not well. */
  readonly isWell: () => boolean;
  /** Whether the gateway is of no use without it. One upstream of several is none: the others go on. */
  readonly isVital: boolean;
}

/** What every gateway can be asked. */
interface OwnParts {
  readonly health: (() => Health) | undefined;
  readonly audit: (() => AuditState) | undefined;
  readonly isDraining: () => boolean;
}

/** The checks of a gateway's own parts. */
export function ownChecks({ health, audit, isDraining }: OwnParts): readonly PartCheck[] {
  const checks: PartCheck[] = [{ part: "listener", isWell: () => !isDraining(), isVital: true }];
  if (health !== undefined) {
    checks.push({ part: "engine", isWell: () => health().writable, isVital: true });
  }
  if (audit !== undefined) {
    checks.push({ part: "audit", isWell: () => audit().writable, isVital: true });
  }
  return checks;
}

/** Whether the part is well, and false when it cannot say. */
export function isWell({ isWell: ask }: PartCheck): boolean {
  try {
    return ask();
  } catch {
    // Why stands in the part's own log; here it could show an inner detail to anybody.
    return false;
  }
}

/** That the process answers at all: whoever asks has waited for the event loop. */
export function livenessPage(): Page {
  return jsonPage(200, { alive: true });
}

/** Which parts are well, with 503 while a vital one is not. */
export function readinessPage(checks: readonly PartCheck[]): Page {
  const asked = checks.map((check) => [check, isWell(check)] as const);
  const ready = asked.every(([{ isVital }, well]) => well || !isVital);
  const parts = Object.fromEntries(asked.map(([{ part }, well]) => [part, well ? "ok" : "failed"]));
  return jsonPage(ready ? 200 : 503, { ready, parts });
}

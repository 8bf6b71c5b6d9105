import type { Scenario } from "../probe/scenario.ts";
import { audit } from "./audit.ts";

/** Every question of the probe, the audit's first. */
export const scenarios: readonly Scenario[] = [...audit];

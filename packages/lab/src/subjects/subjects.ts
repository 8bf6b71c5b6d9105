import type { Subject } from "../probe/subject.ts";

/** The subjects that are known by name, each loaded when it is asked for. */
export const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  "@holdfast/client": async () => (await import("./holdfast-client.ts")).holdfastClient,
  "@holdfast/store": async () => (await import("./holdfast-store.ts")).holdfastStore,
};

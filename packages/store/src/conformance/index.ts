export type { Cell, Fixture, Subject } from "./cell.ts";
export { cells, conformance, type TestFunction } from "./conformance.ts";
export { type ModelRunOptions, runAgainstModel } from "./model-run.ts";

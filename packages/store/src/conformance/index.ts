export type { Cell, Fault, Fixture, Hand, Protocol, Subject } from "./cell.ts";
export { cells } from "./cells.ts";
export { conformance, type ConformanceOptions, type TestFunction } from "./conformance.ts";
export { type ModelRunOptions, runAgainstModel } from "./model-run.ts";
export type { Outcomes } from "./outcomes.ts";
export type { CellResult, Results } from "./results.ts";

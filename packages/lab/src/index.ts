export type { Answer } from "./faults/answer.ts";
export { FaultError, type Fault } from "./faults/fault.ts";
export type { FaultHandle } from "./faults/fault-set.ts";
export type { Leftovers, OpenUpload } from "./leftovers.ts";
export type { SeenRequest } from "./seen-request.ts";
export { startLab, type Lab, type LabOptions } from "./start-lab.ts";

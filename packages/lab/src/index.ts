export type { Answer } from "./faults/answer.ts";
export { checkFault, type Fault } from "./faults/fault.ts";
export { FaultError, type FaultIssue } from "./faults/fault-error.ts";
export type { FaultHandle } from "./faults/fault-set.ts";
export type { Leftovers, OpenUpload } from "./leftovers.ts";
export type { SeenRequest } from "./seen-request.ts";
export { startLab, type Lab, type LabOptions } from "./start-lab.ts";
export {
  answer,
  type AnswerParts,
  brokenAnswer,
  errorDocument,
  headerIds,
  refusal,
  silence,
  vastAnswer,
} from "./scripted/replies.ts";
export type { ReceivedRequest } from "./scripted/request-reader.ts";
export {
  type Reply,
  type Script,
  type Scripted,
  ScriptedServer,
  type SeenConnection,
  type Step,
} from "./scripted/scripted-server.ts";
export { startLabProxy, type LabProxy, type LabProxyOptions } from "./start-lab-proxy.ts";

export type { Answer } from "./faults/answer.ts";
export { checkFault, type Fault } from "./faults/fault.ts";
export { FaultError, type FaultIssue } from "./faults/fault-error.ts";
export type { FaultHandle } from "./faults/fault-set.ts";
export {
  auditOfEndpoint,
  endpointQuestions,
  probeEndpoint,
  type EndpointProbeOptions,
  type EndpointReport,
} from "./endpoint/probe-endpoint.ts";
export { EndpointUnusable } from "./endpoint/world.ts";
export type { Leftovers, OpenUpload } from "./leftovers.ts";
export type { Action, ActionName } from "./probe/action.ts";
export { probe, type ProbeOptions } from "./probe/probe.ts";
export {
  divergences,
  type Divergence,
  type Finding,
  type Report,
  type SubjectReport,
  type Verdict,
} from "./probe/report.ts";
export type { Arranged, Caller, Origin, Scenario, Target } from "./probe/scenario.ts";
export {
  Unsupported,
  type ActionCall,
  type ProbeCredentials,
  type ReadySubject,
  type Subject,
  type SubjectSettings,
} from "./probe/subject.ts";
export type { Told, ToldError } from "./probe/told.ts";
export { contract } from "./scenarios/contract.ts";
export { auditOf, type Audit } from "./reports/audit.ts";
export { htmlReport } from "./reports/html.ts";
export { jsonReport } from "./reports/json.ts";
export { markdownReport } from "./reports/markdown.ts";
export { isDivergent } from "./reports/summary.ts";
export { textReport } from "./reports/text.ts";
export { scenarios } from "./scenarios/scenarios.ts";
export type { SeenRequest } from "./seen-request.ts";
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
export { startLab, type Lab, type LabCredential, type LabOptions } from "./start-lab.ts";
export { StoreFileError, storeSubjects } from "./subjects/store-subjects.ts";
export { subjects } from "./subjects/subjects.ts";

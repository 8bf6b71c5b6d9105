export { WireFailure, type FailurePhase } from "../errors/wire-failure.ts";
export type { BodyPieces, TransportBody, TransportTimeouts } from "./transport.ts";
export { WireTransport } from "./wire-transport.ts";

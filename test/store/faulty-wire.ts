import { startLabProxy, type Fault } from "@holdfast/lab";
import type { Fault as FaultName } from "@holdfast/store/conformance";

/** A way to a server that breaks when it is told. */
export interface FaultyWire {
  readonly port: number;
  /** Has the next request that it can befall fail so, once. */
  next(fault: FaultName): Promise<void>;
  close(): Promise<void>;
}

const faults: Readonly<Record<FaultName, Fault>> = {
  "refused-keys": { operation: "DeleteObjects", then: { keys: { "*": "AccessDenied" } } },
  reset: { reset: true },
  throttled: { then: { error: "SlowDown", status: 429 } },
  truncated: { after: "48KiB", close: true },
  unavailable: { then: { error: "InternalError", status: 500 } },
};

/** Starts a lab before the server of the loopback that listens on this port. */
export async function startFaultyWire(upstreamPort: number): Promise<FaultyWire> {
  const lab = await startLabProxy({ upstream: `http://127.0.0.1:${upstreamPort}` });
  return {
    port: Number(new URL(lab.endpoint).port),
    next: async (fault) => {
      // Where a connection that was used before is gone, a client tries again at once; on a new one it does not.
      await lab.hangUp();
      lab.fault(faults[fault]);
    },
    close: () => lab.close(),
  };
}

import type { FailureKind } from "../upstream/upstream-failure.ts";
import type { Metrics } from "./metrics.ts";
import type { PartCheck } from "./readiness.ts";

/** How one request to an upstream came out; `failure` is absent when it was answered, whatever it said. */
interface Tried {
  readonly upstream: string;
  /** To the head of the answer, or to the failure. */
  readonly durationMs: number;
  readonly failure: FailureKind | undefined;
}

/** Counts what upstreams do, and remembers which of them answered last. Nothing is sent to find out. */
export class UpstreamMeter {
  readonly #metrics: Metrics;
  readonly #isUp: Map<string, boolean>;

  constructor(metrics: Metrics, upstreams: readonly string[]) {
    this.#metrics = metrics;
    this.#isUp = new Map(upstreams.map((upstream) => [upstream, true]));
    metrics.sample("holdfast_upstream_up", () =>
      [...this.#isUp].map(([upstream, isUp]) => [{ upstream }, Number(isUp)]),
    );
  }

  /** One of the configuration; of any other nothing is counted. */
  readonly told = ({ upstream, durationMs, failure }: Tried): void => {
    if (!this.#isUp.has(upstream)) return;
    this.#isUp.set(upstream, failure === undefined);
    if (failure === undefined) {
      this.#metrics.observe("holdfast_upstream_duration_seconds", { upstream }, durationMs / 1000);
    } else {
      this.#metrics.count("holdfast_upstream_failures_total", { upstream, kind: failure });
    }
  };

  /** None of them is vital: a gateway that is taken away for one upstream's sake takes the others' buckets with it. */
  get checks(): readonly PartCheck[] {
    return [...this.#isUp.keys()].map((upstream) => ({
      part: `upstream ${upstream}`,
      isWell: () => this.#isUp.get(upstream) === true,
      isVital: false,
    }));
  }
}

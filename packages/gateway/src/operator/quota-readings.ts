import type { Metrics, Reading } from "./metrics.ts";

interface QuotaSource {
  /** Those that have a quota. */
  readonly buckets: () => readonly string[];
  readonly quotaOf: (
    bucket: string,
  ) =>
    | { readonly softBytes?: number | undefined; readonly hardBytes?: number | undefined }
    | undefined;
  /** Undefined for one that was never counted. */
  readonly usage: (
    bucket: string,
  ) => Promise<{ readonly usedBytes: number; readonly reservedBytes: number } | undefined>;
}

/** Has the metrics show each bucket's quota and what it holds, as it was when they were last asked for. */
export function sampleQuotas(metrics: Metrics, { buckets, quotaOf, usage }: QuotaSource): void {
  const limits =
    (which: "hardBytes" | "softBytes") => (): readonly Reading<"holdfast_quota_hard_bytes">[] =>
      buckets().flatMap((bucket) => {
        const bytes = quotaOf(bucket)?.[which];
        return bytes === undefined ? [] : [[{ bucket }, bytes] as const];
      });
  metrics.sample("holdfast_quota_hard_bytes", limits("hardBytes"));
  metrics.sample("holdfast_quota_soft_bytes", limits("softBytes"));
  let known: readonly Reading<"holdfast_quota_used_bytes">[] = [];
  let isReading = false;
  const read = async (): Promise<void> => {
    const readings: Reading<"holdfast_quota_used_bytes">[] = [];
    for (const bucket of buckets()) {
      const used = await usage(bucket);
      if (used !== undefined) readings.push([{ bucket }, used.usedBytes + used.reservedBytes]);
    }
    known = readings;
  };
  const readOnce = (): void => {
    if (isReading) return;
    isReading = true;
    // What was known before stays until there is something newer to say.
    void read()
      .catch(() => {})
      .finally(() => (isReading = false));
  };
  readOnce();
  metrics.sample("holdfast_quota_used_bytes", () => {
    readOnce();
    return known;
  });
}

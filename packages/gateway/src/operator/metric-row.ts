/**
 * The values that a label can have: all of them, or what they are and how many at most. What comes beyond is told as
 * `other`, so that nobody can make more series than that.
 */
export type LabelValues = readonly string[] | { readonly of: string; readonly most: number };

/** One metric: its name is the key of its row. */
export interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  /** What it counts, as a sentence. */
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Of a histogram: the upper bounds of its buckets, ascending. */
  readonly buckets?: readonly number[];
}

import type { MetricRow } from "./metric-row.ts";
import {
  metricTable,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
} from "./metric-table.ts";
import { Histogram } from "./histogram.ts";
import { Tally } from "./tally.ts";

/** A value and what it is of. */
export type Reading<Name extends MetricName> = readonly [labels: LabelsOf<Name>, value: number];

/** Where values come from that are there anyway, asked for when metrics are. */
export type Readings<Name extends MetricName> = () => Iterable<Reading<Name>>;

const rows: readonly (readonly [string, MetricRow])[] = Object.entries(metricTable);

/** The gateway's metrics: a counter costs an addition, and no label takes more values than its row says. */
export class Metrics {
  readonly #tallies = new Map<string, Tally>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #read = new Map<string, () => Tally>();

  constructor() {
    for (const [name, row] of rows) {
      if (row.type === "histogram") this.#histograms.set(name, new Histogram(name, row));
      else this.#tallies.set(name, new Tally(name, row));
    }
  }

  /** What requests are counted in, found once. */
  tally(name: CounterName | GaugeName): Tally {
    return found(this.#tallies, name);
  }

  histogram(name: HistogramName): Histogram {
    return found(this.#histograms, name);
  }

  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, amount = 1): void {
    const tally = this.tally(name);
    const slot = tally.slotOf(valuesOf(name, labels));
    if (slot !== undefined) tally.add(slot, amount);
  }

  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    const histogram = this.histogram(name);
    const slot = histogram.slotOf(valuesOf(name, labels));
    if (slot !== undefined) histogram.observe(slot, value);
  }

  /** From now on the metric shows what `read` gives; what it no longer gives is gone from the text. */
  sample<Name extends CounterName | GaugeName>(name: Name, read: Readings<Name>): void {
    const row: MetricRow = metricTable[name];
    this.#read.set(name, () => {
      const tally = new Tally(name, row);
      for (const [labels, value] of read()) {
        const slot = tally.slotOf(valuesOf(name, labels));
        if (slot !== undefined) tally.set(slot, value);
      }
      return tally;
    });
  }

  /** In the text format that Prometheus reads. */
  text(): string {
    const lines: string[] = [];
    for (const [name, { help, type }] of rows) {
      const shown =
        this.#histograms.get(name) ?? this.#read.get(name)?.() ?? this.#tallies.get(name);
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...(shown?.lines ?? []));
    }
    return `${lines.join("\n")}\n`;
  }
}

function found<Kind>(families: ReadonlyMap<string, Kind>, name: string): Kind {
  const family = families.get(name);
  if (family === undefined) throw new TypeError(`There is no metric ${name} of this type.`);
  return family;
}

/** In the order of the row. */
function valuesOf(name: MetricName, labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(metricTable[name].labels).map((label) => labels[label] ?? "");
}

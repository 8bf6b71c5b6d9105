import {
  boolean as anyBoolean,
  constantFrom,
  double,
  integer,
  nat,
  oneof,
  option,
  record,
  sample,
  string as anyString,
} from "fast-check";
import { expect, test } from "vitest";
import type { RequestRecord } from "../options.ts";
import { otherValue } from "./label-values.ts";
import type { MetricRow } from "./metric-row.ts";
import { metricTable } from "./metric-table.ts";
import { Metrics } from "./metrics.ts";
import { RequestMeter } from "./request-meter.ts";

const rows: readonly (readonly [string, MetricRow])[] = Object.entries(metricTable);

const plain: RequestRecord = {
  event: "request",
  time: 0,
  requestId: "R",
  address: "192.0.2.1",
  method: "GET",
  operation: "GetObject",
  status: 200,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 1,
  aborted: false,
};

/** Each sample of a text: its name, its labels and its value. */
function samplesOf(
  text: string,
): { name: string; labels: Record<string, string>; value: number }[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name = "", braces = "", value = ""] =
        /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...braces.matchAll(/(\w+)="((?:[^"\\\n]|\\.)*)"(?:,|$)/g)];
      expect(pairs.map(([pair]) => pair).join("")).toBe(braces);
      const labels = Object.fromEntries(pairs.map(([, label = "", its = ""]) => [label, its]));
      return { name, labels, value: Number(value) };
    });
}

function rowOf(sampleName: string): MetricRow | undefined {
  const name = sampleName.replace(/_(?:bucket|sum|count)$/, "");
  return rows.find(([known]) => known === sampleName || known === name)?.[1];
}

/** The samples whose label has a value that its row does not allow, or of which there are too many. */
function strangers(text: string): string[] {
  const met = new Map<string, Set<string>>();
  const found = samplesOf(text).flatMap(({ name, labels }) => {
    const row = rowOf(name);
    if (row === undefined) return [name];
    return Object.entries(labels).flatMap(([label, value]) => {
      if (label === "le" && row.type === "histogram") return [];
      const values = row.labels[label];
      if (values === undefined) return [`${name} ${label}`];
      if (!("most" in values)) return values.includes(value) ? [] : [`${name} ${label}=${value}`];
      const all = met.get(`${name} ${label}`) ?? new Set();
      met.set(`${name} ${label}`, all.add(value));
      return all.size > values.most + 1 ? [`${name} ${label}: ${all.size} values`] : [];
    });
  });
  return found;
}

const hostile = record({
  operation: oneof(constantFrom("GetObject", "PutObject"), anyString({ unit: "binary" })),
  status: integer({ min: 0, max: 999 }),
  code: option(oneof(constantFrom("NoSuchKey", "SlowDown"), anyString()), {
    nil: undefined,
  }),
  reason: option(oneof(constantFrom("expired", "rate_limited"), anyString()), {
    nil: undefined,
  }),
  bytesIn: nat(),
  bytesOut: nat(),
  durationMs: double({ min: 0, max: 1e9, noNaN: true }),
  aborted: anyBoolean(),
});

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now());

test(`100,000 hostile requests make no series but those of the table (HOLDFAST_SEED=${seed})`, () => {
  const metrics = new Metrics();
  const meter = new RequestMeter(metrics);
  const requests = sample(hostile, { numRuns: 2000, seed });
  for (let round = 0; round < 50; round += 1) {
    for (const [index, request] of requests.entries()) {
      const spoiled = { code: `${request.code ?? ""}${round}`, reason: `${round}-${index}` };
      meter.record({ ...plain, ...request, ...(round % 2 === 0 ? spoiled : {}) });
      metrics.count("holdfast_upstream_failures_total", {
        upstream: spoiled.reason,
        kind: "timeout",
      });
    }
  }
  const text = metrics.text();
  expect(strangers(text)).toEqual([]);
  const all = samplesOf(text);
  const counted = all.filter(({ name }) => name === "holdfast_requests_total");
  expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(100_000);
  expect(all.length).toBeLessThan(4000);
});

test("a value, a label or a metric that the table does not have is found", () => {
  const text = [
    'holdfast_requests_total{operation="nobody",status="299"} 1',
    'holdfast_writable{operation="GetObject"} 1',
    "holdfast_nothing 1",
    ...Array.from({ length: 66 }, (_, name) => `holdfast_upstream_up{upstream="${name}"} 1`),
  ];
  expect(strangers(`${text.join("\n")}\n`)).toHaveLength(5);
});

test("a value with a quote, a backslash and a line break stays one label", () => {
  const metrics = new Metrics();
  const upstream = 'a"b\\c\nd';
  metrics.sample("holdfast_upstream_up", () => [[{ upstream }, 1]]);
  expect(metrics.text()).toContain('holdfast_upstream_up{upstream="a\\"b\\\\c\\nd"} 1\n');
});

test("buckets are cumulative, and what is above all bounds is in the last", () => {
  const metrics = new Metrics();
  const upstream = "ceph";
  for (const seconds of [0.0005, 0.0006, 0.3, 1e6]) {
    metrics.observe("holdfast_upstream_duration_seconds", { upstream }, seconds);
  }
  const samples = samplesOf(metrics.text()).filter(({ labels }) => labels["upstream"] === upstream);
  const at = (bound: string): number | undefined =>
    samples.find(({ labels }) => labels["le"] === bound)?.value;
  expect([at("0.0005"), at("0.001"), at("0.25"), at("0.5"), at("300"), at("+Inf")]).toEqual([
    1, 2, 2, 3, 3, 4,
  ]);
  expect(samples.find(({ name }) => name.endsWith("_count"))?.value).toBe(4);
  expect(samples.find(({ name }) => name.endsWith("_sum"))?.value).toBeCloseTo(1_000_000.3011);
});

test("what may increase stands at zero before it does, when its labels are few", () => {
  const text = new Metrics().text();
  expect(text).toContain('holdfast_s3_auth_failure_total{reason="bad_signature"} 0\n');
  expect(text).toContain('holdfast_s3_anonymous_reject_total{reason="no_binding"} 0\n');
  expect(text).toContain("holdfast_s3_scope_violation_total 0\n");
});

test("a reason is counted where the document says, and nowhere else", () => {
  const metrics = new Metrics();
  const meter = new RequestMeter(metrics);
  const refused = { ...plain, status: 403, code: "AccessDenied" };
  for (const reason of [
    "bad_signature",
    "chunk_signature_mismatch",
    "scope_violation",
    "no_binding",
    "else",
  ])
    meter.record({ ...refused, reason });
  const counted = samplesOf(metrics.text())
    .filter(({ name, value }) => name.startsWith("holdfast_s3_") && value > 0)
    .map(({ name, labels, value }) => [name, labels["reason"], value]);
  expect(counted).toEqual([
    ["holdfast_s3_auth_failure_total", "bad_signature", 2],
    ["holdfast_s3_scope_violation_total", undefined, 1],
    ["holdfast_s3_anonymous_reject_total", "no_binding", 1],
  ]);
});

test("a metric that is read elsewhere shows what is there now, and no more what was", () => {
  const metrics = new Metrics();
  let buckets = ["a", "b"];
  metrics.sample("holdfast_quota_used_bytes", () => buckets.map((bucket) => [{ bucket }, 7]));
  expect(metrics.text().match(/^holdfast_quota_used_bytes\{.*$/gm)).toHaveLength(2);
  buckets = ["b"];
  expect(metrics.text().match(/^holdfast_quota_used_bytes\{.*$/gm)).toEqual([
    'holdfast_quota_used_bytes{bucket="b"} 7',
  ]);
});

test("every metric says what it is before its samples, and comes once", () => {
  const lines = new Metrics().text().split("\n");
  const types = lines.filter((line) => line.startsWith("# TYPE "));
  expect(types).toEqual(rows.map(([name, { type }]) => `# TYPE ${name} ${type}`));
  expect(rows.filter(([name]) => !/^(?:holdfast|process)_[a-z0-9_]+$/.test(name))).toEqual([]);
  const misnamed = rows.filter(
    ([name, { type }]) => (type === "counter") !== name.endsWith("_total"),
  );
  expect(misnamed).toEqual([]);
});

function shownValues(row: MetricRow): string {
  const shown = Object.entries(row.labels).map(([label, values]) => {
    if ("most" in values) return `\`${label}\`: ${values.of}, ${values.most} at most`;
    const isLong = values.length > 12;
    const list = values.map((value) => `\`${value}\``).join(" ");
    return isLong ? `\`${label}\`: ${longLists[label] ?? ""}` : `\`${label}\`: ${list}`;
  });
  return shown.join("; ");
}

/** What the long lists are; each is a table of its own in another page. */
const longLists: Readonly<Record<string, string>> = {
  operation: "the operations that Holdfast has, and `Unknown`",
  status: `the statuses of [errors](errors.md), those of success, and \`${otherValue}\``,
  code: `the codes of [errors](errors.md), and \`${otherValue}\``,
};

test("docs/reference/metrics.md is the table of metrics", async () => {
  const page = [
    "# Metrics",
    "",
    `The ${rows.length} metrics of a gateway, in the text format of Prometheus, with all values that their labels can have.`,
    "A value beyond those that a label may have is told as `other`: nobody makes new series by what they send. Histograms have",
    "`_bucket`, `_sum` and `_count` with the label `le`. Where they are served, and what to watch:",
    "[watch a gateway](../how-to/watch-a-gateway.md).",
    "",
    "| name | type | labels | help |",
    "| --- | --- | --- | --- |",
    ...rows.map(
      ([name, row]) => `| \`${name}\` | ${row.type} | ${shownValues(row)} | ${row.help} |`,
    ),
    "",
  ];
  await expect(page.join("\n")).toMatchFileSnapshot("../../../../docs/reference/metrics.md");
});

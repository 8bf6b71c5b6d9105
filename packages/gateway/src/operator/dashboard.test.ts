import { expect, test } from "vitest";
import { alerts, dashboard } from "./dashboard.test.data.ts";
import type { LabelValues, MetricRow } from "./metric-row.ts";
import { metricTable } from "./metric-table.ts";

const rows: ReadonlyMap<string, MetricRow> = new Map(Object.entries(metricTable));

/** The row of a name in an expression; of a histogram its series have names of their own. */
function rowOf(name: string): MetricRow | undefined {
  const row = rows.get(name);
  if (row !== undefined) return row.type === "histogram" ? undefined : row;
  const histogram = rows.get(name.replace(/_(?:bucket|sum|count)$/, ""));
  return histogram?.type === "histogram" ? histogram : undefined;
}

function hasValue(values: LabelValues, operator: string, value: string): boolean {
  if ("most" in values) return true;
  return values.some((one) =>
    operator.endsWith("~") ? new RegExp(`^(?:${value})$`).test(one) : one === value,
  );
}

function matcherMistakes(row: MetricRow, matchers: string): string[] {
  return [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].flatMap(
    ([text, label = "", operator = "", value = ""]) => {
      const values = row.labels[label];
      return values !== undefined && hasValue(values, operator, value) ? [] : [text];
    },
  );
}

/** What an expression asks for that no metric has. */
function mistakesIn(expression: string): string[] {
  const asked = [...expression.matchAll(/\b((?:holdfast|process)_\w+)(?:\{([^}]*)\})?/g)];
  const known = asked.flatMap(([, name = ""]) => rowOf(name) ?? []);
  const wrong = asked.flatMap(([, name = "", matchers = ""]) => {
    const row = rowOf(name);
    return row === undefined ? [name] : matcherMistakes(row, matchers);
  });
  const by = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = ""]) =>
    labels.split(",").map((label) => label.trim()),
  );
  const isLabel = (label: string): boolean =>
    known.every((row) => label in row.labels || (label === "le" && row.type === "histogram"));
  return [...wrong, ...by.filter((label) => !isLabel(label)), ...(asked.length === 0 ? [""] : [])];
}

const panels = dashboard.flatMap(([, its]) => its);

test("every query of the dashboard asks for metrics and labels of the table", () => {
  const queries = panels.flatMap((panel) => panel.queries);
  expect(queries.flatMap(([expression]) => mistakesIn(expression))).toEqual([]);
  const legends = queries.flatMap(([expression, legend]) =>
    [...legend.matchAll(/\{\{(\w+)\}\}/g)].flatMap(([, label = ""]) =>
      mistakesIn(`sum by (${label}) (${expression})`),
    ),
  );
  expect(legends).toEqual([]);
});

test("every alert asks for metrics and labels of the table", () => {
  expect(alerts.flatMap(({ expression }) => mistakesIn(expression))).toEqual([]);
  const named = alerts.flatMap(({ expression, summary }) =>
    [...summary.matchAll(/\$labels\.(\w+)/g)].flatMap(([, label = ""]) =>
      mistakesIn(`sum by (${label}) (${expression})`),
    ),
  );
  expect(named).toEqual([]);
});

test.each([
  "rate(holdfast_request_total[5m])",
  'holdfast_requests_total{verb="read"}',
  'holdfast_requests_total{status="299"}',
  'holdfast_requests_total{status=~"9.."}',
  "sum by (bucket) (holdfast_requests_total)",
  "sum by (le) (holdfast_requests_total)",
  "holdfast_request_duration_seconds",
  "holdfast_requests_total_sum",
  "up == 0",
])("the expression %s, which would never show anything, is found", (expression) => {
  expect(mistakesIn(expression)).toHaveLength(1);
});

const width = 8;
const height = 8;

/** The dashboard as Grafana imports it. */
function grafana(): object {
  let y = 0;
  let id = 0;
  const shown = dashboard.flatMap(([name, its]) => {
    const row = {
      id: (id += 1),
      type: "row",
      title: name,
      collapsed: false,
      panels: [],
      gridPos: { h: 1, w: 24, x: 0, y },
    };
    y += 1;
    const graphs = its.map(({ title, unit, queries }, index) => ({
      id: (id += 1),
      type: "timeseries",
      title,
      datasource: { type: "prometheus", uid: "${datasource}" },
      gridPos: {
        h: height,
        w: width,
        x: (index % 3) * width,
        y: y + Math.floor(index / 3) * height,
      },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
      targets: queries.map(([expr, legendFormat], query) => ({
        refId: String.fromCharCode(65 + query),
        expr,
        legendFormat,
      })),
    }));
    y += Math.ceil(its.length / 3) * height;
    return [row, ...graphs];
  });
  return {
    title: "Holdfast",
    uid: "holdfast-gateway",
    tags: ["holdfast"],
    schemaVersion: 39,
    time: { from: "now-6h", to: "now" },
    refresh: "30s",
    templating: {
      list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }],
    },
    panels: shown,
  };
}

test("assets/grafana-dashboard.json is the table of panels", async () => {
  const text = `${JSON.stringify(grafana(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../assets/grafana-dashboard.json");
});

test("assets/alert-rules.yaml is the table of alerts", async () => {
  const lines = alerts.flatMap(({ name, expression, for: time, severity, summary }) => [
    `      - alert: ${name}`,
    `        expr: ${JSON.stringify(expression)}`,
    `        for: ${time}`,
    `        labels: { severity: ${severity} }`,
    `        annotations: { summary: ${JSON.stringify(summary)} }`,
  ]);
  const text = ["groups:", "  - name: holdfast", "    rules:", ...lines, ""].join("\n");
  await expect(text).toMatchFileSnapshot("../../assets/alert-rules.yaml");
});

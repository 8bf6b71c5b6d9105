/** What a page answers, whichever listener it stands on. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A page for programs. */
export function jsonPage(status: number, said: unknown): Page {
  return { status, type: "application/json", body: `${JSON.stringify(said)}\n` };
}

/** Metrics as Prometheus asks for them. */
export function metricsPage(text: string): Page {
  return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: text };
}

import { request } from "node:http";
import { Duplex } from "node:stream";
import type { Reading } from "./read-answer.test.support.ts";

/** What Node's own client takes the same bytes for, in the same pieces. */
export function nodeReading(pieces: readonly Buffer[], method: string): Promise<Reading> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
    let reading: Reading = { outcome: "short" };
    const body: Buffer[] = [];
    const outgoing = request({ method, createConnection: () => socket });
    outgoing.on("response", (response) => {
      const { statusCode: status, headers } = response;
      reading = { outcome: "short", status, headers: plain(headers) };
      response.on("data", (piece: Buffer) => body.push(piece));
      response.on("error", () => undefined);
      response.on("close", () => {
        const outcome = response.complete ? "whole" : reading.outcome;
        reading = { ...reading, outcome, body: Buffer.concat(body).toString("latin1") };
      });
    });
    outgoing.on("error", (error) => {
      if (reading.outcome === "short" && "code" in error && String(error.code).startsWith("HPE_")) {
        reading = { ...reading, outcome: "refused", why: String(error.code) };
      }
    });
    outgoing.on("close", () => setImmediate(() => resolve(reading)));
    outgoing.end();
    for (const piece of pieces) socket.push(piece);
    socket.push(null);
  });
}

function plain(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(
    ([name, value]) => [name, typeof value === "string" ? value : undefined] as const,
  );
  return Object.fromEntries(entries.filter(([name]) => name !== "set-cookie"));
}

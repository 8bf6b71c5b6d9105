import { expect, test } from "vitest";
import { operations, type OperationRow } from "@holdfast/protocol";
import * as rows from "./rows.ts";

const own = Object.entries(rows);
const shared = Object.entries<OperationRow>(operations);

test("every operation of the protocol is asked for as the protocol says", () => {
  const asked = new Map(own.map(([, row]) => [row.name, row]));
  for (const [name, { method, target, requires, idempotent }] of shared) {
    // A form is sent by a browser; `presignPost` makes what it needs.
    if (name === "PostObject") continue;
    expect(asked.get(name)).toEqual({
      name,
      method,
      target,
      idempotent,
      ...(requires && { requires }),
    });
  }
  expect(shared.length).toBeGreaterThan(20);
});

test("every row is known by its operation's name", () => {
  for (const [known, { name }] of own) {
    expect(known).toBe(`${name.charAt(0).toLowerCase()}${name.slice(1)}`);
  }
});

import { expect, test } from "vitest";
import { parseMoment } from "./moment.ts";

const now = Date.UTC(2026, 10, 21);

test.each([
  ["24h", Date.UTC(2026, 10, 20)],
  ["2w", Date.UTC(2026, 10, 7)],
  ["2026-11-20", Date.UTC(2026, 10, 20)],
  ["2026-11-20T12:00Z", Date.UTC(2026, 10, 20, 12)],
  ["2026-11-20T12:00:00.5Z", Date.UTC(2026, 10, 20, 12, 0, 0, 500)],
  ["2026-11-20T12:00:00", undefined],
  ["2026-13-20", undefined],
  ["yesterday", undefined],
  ["24", undefined],
])("%s is %s", (text, moment) => {
  expect(parseMoment(text, now)).toBe(moment);
});

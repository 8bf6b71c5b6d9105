import { expect, test } from "vitest";
import { checkClock } from "./clock.ts";

const now = Date.UTC(2026, 10, 21);

test("a clock that ran on as the monotonic one did is well", () => {
  const finding = checkClock(
    { wallMs: now, monotonicMs: 5 },
    { wallMs: now + 1000, monotonicMs: 1004.9 },
  );
  expect(finding).toEqual({ check: "clock", status: "ok", detail: "2026-11-21T00:00:01.000Z" });
});

test.each([
  [now + 3_600_000, "the wall clock was set by 3600000 ms"],
  [now - 101, "the wall clock was set by -101 ms"],
])("a clock that jumped to %d is not", (wallMs, detail) => {
  const finding = checkClock({ wallMs: now, monotonicMs: 5 }, { wallMs, monotonicMs: 5 });
  expect(finding.status).toBe("fail");
  expect(finding.detail).toContain(detail);
  expect(finding.mend).toContain("NTP");
});

test.each([0, Date.UTC(2025, 11, 31, 23), Date.UTC(2100, 0), -1, Number.NaN])(
  "a wall clock that shows %d is not",
  (wallMs) => {
    const reading = { wallMs, monotonicMs: 0 };
    expect(checkClock(reading, reading).status).toBe("fail");
  },
);

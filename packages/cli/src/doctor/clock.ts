import type { Finding } from "./finding.ts";

/** Both clocks at one moment. */
export interface ClockReading {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

const earliestYear = 2026;
const latestYear = 2100;
const stepMsMax = 100;

const mend =
  "set the clock and keep it with NTP (timedatectl set-ntp true): signatures depend on it";

/** Whether the wall clock shows a possible year and ran as the monotonic clock did between two readings. */
export function checkClock(from: ClockReading, to: ClockReading): Finding {
  const now = new Date(to.wallMs);
  const year = now.getUTCFullYear();
  if (!(year >= earliestYear && year < latestYear)) {
    return {
      check: "clock",
      status: "fail",
      detail: `the wall clock shows the year ${year}`,
      mend,
    };
  }
  const stepMs = Math.round(to.wallMs - from.wallMs - (to.monotonicMs - from.monotonicMs));
  if (Math.abs(stepMs) > stepMsMax) {
    const detail = `the wall clock was set by ${stepMs} ms while it was watched`;
    return { check: "clock", status: "fail", detail, mend };
  }
  return { check: "clock", status: "ok", detail: now.toISOString() };
}

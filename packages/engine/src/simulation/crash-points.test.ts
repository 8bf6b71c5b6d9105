import { expect, test } from "vitest";
import { crashPoints } from "./crash-points.ts";

test("x", async () => {
  const t = process.cpuUsage();
  let n = 0;
  for (let seed = 1; seed <= 8; seed += 1) {
    const o = await crashPoints({ seed });
    n += o.points[0] + o.points[1] + o.points[2];
    console.log(seed, o.points, o.calls, o.answers, o.violations.slice(0, 5));
  }
  const u = process.cpuUsage(t);
  console.log(n, n / ((u.user + u.system) / 1e6), "points/cpu s");
}, 600_000);

import type { Finding, Report, Verdict } from "../probe/report.ts";

/** A report with each verdict in it, and the same text wherever others could have put theirs. */
export function reportOf(said: string): Report {
  const finding = (id: string, verdict: Verdict): Finding => ({
    scenario: {
      id,
      origin: "audit",
      title: said,
      arranged: {},
      action: { do: "get", key: said },
      target: { told: [said], stored: { [said]: "absent" }, requests: [1, 2], withinMs: 1500 },
      why: said,
    },
    observed: said,
    underlying: said,
    verdict,
    stored: { [said]: 6_291_456 },
    openUploads: 1,
    requests: 3,
  });
  const verdicts: readonly Verdict[] = [
    { is: "pass" },
    { is: "diverges", how: ["loses data", "leaves parts"] },
    { is: "not driven", reason: said },
    { is: "not fired", faults: [1, 2] },
  ];
  const findings = verdicts.map((verdict, index) => finding(String(index), verdict));
  return {
    seed: 7,
    date: "2026-11-21",
    platform: said,
    subjects: [
      { name: said, version: said, findings },
      { name: "other", findings: findings.slice(1) },
    ],
  };
}

/** What servers and libraries might say to whoever reads about them. */
export const hostileTexts = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "\"><svg/onload='alert(1)'>",
  "a | b\n| c |\r\n# heading\n- item",
  "`code` **bold** _it_ [link](https://example.com) ![i](x) ~~s~~",
  "&lt;b&gt; &#x3c; \\| \\<",
  "</td></tr></table></style></main>",
  "www.example.com http://example.com",
  "\u202Eright to left\u0000\u001B[31m\u2028\uFEFF",
  "x".repeat(100_000),
];

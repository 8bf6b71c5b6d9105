import type { Finding } from "./finding.ts";

/** Whether this Node.js is at least what `>=MAJOR.MINOR` asks for. */
export function checkNode(version: string, range: string): Finding {
  const [major = 0, minor = 0] = numbers(version);
  const [neededMajor = 0, neededMinor = 0] = numbers(range.replace(/^>=/, ""));
  const enough = major > neededMajor || (major === neededMajor && minor >= neededMinor);
  const detail = `Node.js ${version}, needed is ${range}`;
  return enough
    ? { check: "node", status: "ok", detail }
    : {
        check: "node",
        status: "fail",
        detail,
        mend: "install a newer Node.js, from nodejs.org or with a version manager",
      };
}

function numbers(version: string): number[] {
  return version.split(".").map((part) => Number.parseInt(part, 10));
}

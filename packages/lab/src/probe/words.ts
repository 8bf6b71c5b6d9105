import type { SeenRequest } from "../seen-request.ts";
import type { Told } from "./told.ts";

const valueLength = 120;

/** What a subject told, in a line. */
export function toldInALine(told: Told): string {
  switch (told.outcome) {
    case "value": {
      const text = JSON.stringify(told.value) ?? "nothing";
      return `resolves with ${text.length > valueLength ? `${text.slice(0, valueLength)}…` : text}`;
    }
    case "error": {
      const { names, codes, statuses, isError } = told.error;
      const words = [...new Set([...names, ...codes, ...statuses.map(String)])];
      return `${isError ? "" : "no Error: "}${words.join(", ") || "nothing"}`;
    }
    case "hung":
      return "never settles";
    case "died":
      return `its process ends: ${told.how}`;
    case "unsupported":
      return "not driven";
  }
}

/** What the server answered or did, each once, in the order of the words. */
export function underlyingOf(requests: readonly SeenRequest[]): string {
  const answers = requests.map(({ status, code, fault }) => {
    const answer = status === undefined ? "no answer" : [status, code].join(" ").trim();
    return fault === undefined ? answer : `${answer} (fault)`;
  });
  return [...new Set(answers)].toSorted().join(", ") || "no request";
}

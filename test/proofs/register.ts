/** A condition of a write: that the key holds nothing, or that it holds this value. */
export type Condition = "is-new" | { readonly holds: string };

/** What a client asked of one key. Values are the ids of writes, no two the same. */
export type Call =
  | { readonly type: "read" }
  | { readonly type: "put"; readonly value: string; readonly condition?: Condition | undefined }
  | { readonly type: "delete"; readonly condition?: Condition | undefined };

/** What it was told: 200 or 204, 412, 404 for the want of something to match, or nothing. */
export type Outcome =
  | { readonly found: string | undefined }
  | "done"
  | "refused"
  | "missing"
  | "unknown";

/** What a key holds; undefined when it holds nothing. */
export type KeyValue = string | undefined;

/**
 * The whole promise of a key to one client at a time: what it holds behind a call that came out so,
 * or "impossible" when it cannot have come out so. An unknown outcome stands for the effect alone.
 */
export function afterCall(
  current: KeyValue,
  call: Call,
  outcome: Outcome,
): { readonly value: KeyValue } | "impossible" {
  if (call.type === "read") {
    const agrees = typeof outcome === "object" && outcome.found === current;
    return agrees ? { value: current } : "impossible";
  }
  const verdict = judge(current, call.condition);
  if (outcome !== verdict && !(outcome === "unknown" && verdict === "done")) return "impossible";
  if (verdict !== "done") return { value: current };
  return { value: call.type === "put" ? call.value : undefined };
}

function judge(
  current: KeyValue,
  condition: Condition | undefined,
): "done" | "refused" | "missing" {
  if (condition === undefined) return "done";
  if (condition === "is-new") return current === undefined ? "done" : "refused";
  if (current === undefined) return "missing";
  return current === condition.holds ? "done" : "refused";
}

import { afterCall, type Call, type KeyValue, type Outcome } from "./register.ts";

/** One call on one key as its client saw it. Times are of one monotonic clock. */
export interface Operation {
  readonly key: string;
  readonly client: string;
  readonly call: Call;
  readonly outcome: Outcome;
  readonly invokedAt: number;
  /**
   * When the answer was there. With an unknown outcome: when it can no longer take effect, for its
   * server was dead; `Infinity` when it may take effect at any later time.
   */
  readonly returnedAt: number;
}

/** A key whose operations no order of single steps explains. */
export interface Anomaly {
  readonly key: string;
  /** The longest order that was found, and what would have had to come next, in words. */
  readonly story: readonly string[];
}

/**
 * Searches, key by key, for an order of the operations that keeps to the time at which each was
 * asked and answered and in which each comes out as it did. Resolves nothing by guessing: every
 * order is tried, and one that leads to the same place as another is tried once (Wing and Gong 1993, Lowe
 * 2017). Keys are independent of each other, so all are in order when each is (Herlihy and Wing
 * 1990, theorem 1).
 */
export function findAnomalies(operations: readonly Operation[]): Anomaly[] {
  const ofKey = new Map<string, Operation[]>();
  for (const operation of operations) {
    const list = ofKey.get(operation.key);
    if (list === undefined) ofKey.set(operation.key, [operation]);
    else list.push(operation);
  }
  return [...ofKey.values()].flatMap((list) => {
    const anomaly = searchOrder(list);
    return anomaly === undefined ? [] : [anomaly];
  });
}

/** A beginning of an order: which operations it has, and what the key holds behind them. */
interface Prefix {
  /** All operations before this one are in, or can no longer come in. */
  readonly from: number;
  /** Of those from `from` on, the ones that are in, a bit each. */
  readonly taken: bigint;
  readonly value: KeyValue;
  /** When the last of them to be asked was asked: what had ended by then cannot come any more. */
  readonly latest: number;
  readonly length: number;
  readonly before?: { readonly prefix: Prefix; readonly operation: Operation };
}

function searchOrder(unordered: readonly Operation[]): Anomaly | undefined {
  const operations = unordered.toSorted((left, right) => left.invokedAt - right.invokedAt);
  const start: Prefix = { from: 0, taken: 0n, value: undefined, latest: -Infinity, length: 0 };
  const seen = new Set<string>();
  const open = [start];
  let longest = start;
  for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop()) {
    const { next, isWhole } = candidates(operations, prefix);
    if (isWhole) return undefined;
    if (prefix.length > longest.length) longest = prefix;
    for (const longer of continuations(operations, prefix, next)) {
      const place = `${longer.from} ${longer.taken.toString(36)} ${longer.value ?? ""}`;
      if (seen.has(place)) continue;
      seen.add(place);
      open.push(longer);
    }
  }
  return { key: operations[0]?.key ?? "", story: tell(operations, longest) };
}

/** What may come next, last answered first; whole when nothing is left that must come. */
function candidates(
  operations: readonly Operation[],
  { from, taken, latest }: Prefix,
): { readonly next: readonly number[]; readonly isWhole: boolean } {
  const next: { readonly index: number; readonly returnedAt: number }[] = [];
  let firstAnswer = Infinity;
  let isWhole = true;
  for (let index = from, bits = taken; index < operations.length; index++, bits >>= 1n) {
    const operation = operations[index];
    if (operation === undefined || operation.invokedAt > firstAnswer) break;
    if ((bits & 1n) === 1n) continue;
    const { returnedAt } = operation;
    if (operation.outcome !== "unknown") {
      isWhole = false;
      firstAnswer = Math.min(firstAnswer, returnedAt);
    } else if (returnedAt < latest) continue;
    next.push({ index, returnedAt });
  }
  next.sort((left, right) => right.returnedAt - left.returnedAt);
  return { next: next.map(({ index }) => index), isWhole };
}

/** What is worth trying next; the one that was answered first stands last, and is tried first. */
function continuations(
  operations: readonly Operation[],
  prefix: Prefix,
  next: readonly number[],
): readonly Prefix[] {
  const all: Prefix[] = [];
  for (const index of next) {
    const longer = extend(operations, prefix, index);
    if (longer === undefined) continue;
    all.push(longer);
    if (isFree(operations, index, next)) return [longer];
  }
  return all;
}

/**
 * Whether a step that is possible rules nothing out: it never changes a key, and nothing that could
 * come before it is over by its time. Any order that has it later is as good with it here.
 */
function isFree(operations: readonly Operation[], index: number, next: readonly number[]): boolean {
  const step = operations[index];
  if (step === undefined) return false;
  const { call, outcome, invokedAt } = step;
  if (call.type !== "read" && outcome !== "refused" && outcome !== "missing") return false;
  return next.every((other) => (operations[other]?.returnedAt ?? 0) >= invokedAt);
}

function extend(
  operations: readonly Operation[],
  prefix: Prefix,
  index: number,
): Prefix | undefined {
  const operation = operations[index];
  if (operation === undefined) return undefined;
  const after = afterCall(prefix.value, operation.call, operation.outcome);
  if (after === "impossible") return undefined;
  const latest = Math.max(prefix.latest, operation.invokedAt);
  let { from } = prefix;
  let taken = prefix.taken | (1n << BigInt(index - from));
  for (let first = operations[from]; first !== undefined; first = operations[from]) {
    const isOver = first.outcome === "unknown" && first.returnedAt < latest;
    if ((taken & 1n) === 0n && !isOver) break;
    from += 1;
    taken >>= 1n;
  }
  const length = prefix.length + 1;
  return { from, taken, value: after.value, latest, length, before: { prefix, operation } };
}

const toldMax = 8;

function tell(operations: readonly Operation[], longest: Prefix): string[] {
  const order: string[] = [];
  for (let at = longest.before; at !== undefined; at = at.prefix.before) {
    order.push(describe(at.operation));
    if (order.length === toldMax) break;
  }
  const next = candidates(operations, longest).next.flatMap((index) => operations[index] ?? []);
  return [
    `${longest.length} of ${operations.length} operations have an order; the last of it:`,
    ...order.toReversed(),
    `then it holds ${longest.value ?? "nothing"}, and none of these can come next:`,
    ...next.map(describe),
  ];
}

function describe({ client, call, outcome, invokedAt, returnedAt }: Operation): string {
  const { type } = call;
  const what = type === "put" ? `put ${call.value}` : type;
  const condition = type === "read" ? undefined : call.condition;
  const under =
    condition === undefined ? "" : ` if ${condition === "is-new" ? condition : condition.holds}`;
  const told = typeof outcome === "object" ? `found ${outcome.found ?? "nothing"}` : outcome;
  return `${invokedAt.toFixed(3)} to ${returnedAt.toFixed(3)} ${client}: ${what}${under}: ${told}`;
}

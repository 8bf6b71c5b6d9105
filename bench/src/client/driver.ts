import { pathToFileURL } from "node:url";
import type { Order, Outcome, Report } from "./order.ts";
import type { Action } from "./questions.ts";
import { place, type Subject, type SubjectModule } from "./subject.ts";

const kib = Buffer.alloc(1024, "k");

const [, , file = "", endpoint = ""] = process.argv;
const peer: SubjectModule = await import(pathToFileURL(file).href);
const subject = peer.open({ ...place, endpoint });

async function lengthOf(pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const piece of pieces) length += piece.length;
  return length;
}

/** One operation; resolves with how much came back: a client that drops bytes is not fast. */
function operation(client: Subject, { action, bytes }: Order<Action>): () => Promise<number> {
  const large = action === "put-large" ? Buffer.alloc(bytes, "l") : kib;
  switch (action) {
    case "put":
    case "put-large":
      return async () => {
        await client.put("written", large);
        return bytes;
      };
    case "get":
      return () => client.get("small");
    case "get-large":
      return async () => lengthOf(await client.read("large"));
    case "list":
      return async () => (await client.list?.()) ?? 0;
  }
}

async function carryOut(order: Order<Action>): Promise<Outcome> {
  const act = operation(subject, order);
  const cpu = process.cpuUsage();
  const start = performance.now();
  let done = 0;
  const work = async (): Promise<void> => {
    do {
      const length = await act();
      if (length !== order.bytes) throw new Error(`${order.action} gave ${length}`);
      done += 1;
    } while (performance.now() - start < order.durationMs);
  };
  await Promise.all(Array.from({ length: order.inFlight }, work));
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { done, elapsedMs, cpuMs: (user + system) / 1000 };
}

function tell(report: Report): void {
  process.send?.(report);
}

process.on("message", (order: Order<Action>) => {
  void carryOut(order).then((outcome) => tell({ outcome }));
});
process.on("disconnect", () => process.exit());
const actions: readonly Action[] = ["put", "get", "put-large", "get-large"];
tell({ actions: subject.list === undefined ? actions : [...actions, "list"] });

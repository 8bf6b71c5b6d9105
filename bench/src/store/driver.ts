import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Order, Outcome, Report } from "../client/order.ts";
import { actions, type Action } from "./actions.ts";
import type { StorePlace, StoreSubject, StoreSubjectModule } from "./subject.ts";

const kib = Buffer.alloc(1024, "k");
const deletedAtOnce = 200;

const [, , file = "", placeJson = "{}"] = process.argv;
const place: StorePlace = JSON.parse(placeJson);
const subjectModule: StoreSubjectModule = await import(pathToFileURL(file).href);
const subject = subjectModule.open(place);

/** The whole of a listing: on a disk a store of its own, for some list more than they are asked for. */
async function listed(action: "list" | "list-sizes", count: number): Promise<number> {
  const isLocal = place.backend === "local";
  const directory = join(place.directory, "..", "lists", String(count));
  const of = isLocal ? subjectModule.open({ ...place, directory }) : subject;
  const folder = isLocal ? "" : String(count);
  return (await (action === "list" ? of.list?.(folder) : of.listSizes?.(folder))) ?? 0;
}

type Operation = (lane: number) => Promise<number>;

/** One operation; resolves with how much it moved: a store that drops bytes is not fast. */
function operation(of: StoreSubject, { action, bytes }: Order<Action>): Operation {
  const large = action === "write-large" ? Buffer.alloc(bytes, "l") : kib;
  let deleted = 0;
  const operations: Readonly<Record<Action, Operation>> = {
    write: async (lane) => (await of.write?.(`written-${lane}`, kib), bytes),
    read: async () => (await of.read?.("small")) ?? 0,
    stat: async () => (await of.stat?.("small"), bytes),
    exists: async () => ((await of.exists?.("small")) === true ? bytes : 0),
    delete: async () => {
      deleted += 1;
      await of.delete?.(`deleted-${deleted % deletedAtOnce}`);
      return bytes;
    },
    list: () => listed("list", bytes),
    "list-sizes": () => listed("list-sizes", bytes),
    "write-large": async () => (await of.write?.("written-large", large), bytes),
    "read-large": async () => (await of.readLarge?.("large")) ?? 0,
  };
  return operations[action];
}

/** Runs until the time is over or so many are done. */
async function run(order: Order<Action>, act: Operation, most: number): Promise<Outcome> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let begun = 0;
  const work = async (lane: number): Promise<void> => {
    do {
      begun += 1;
      const moved = await act(lane);
      if (moved !== order.bytes) throw new Error(`${order.action} moved ${moved}`);
    } while (begun < most && performance.now() - start < order.durationMs);
  };
  await Promise.all(Array.from({ length: order.inFlight }, (_, lane) => work(lane)));
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { done: begun, elapsedMs, cpuMs: (user + system) / 1000 };
}

/** What a disk is to delete has to be there, and making it does not count. */
async function runDeletions(order: Order<Action>, act: Operation): Promise<Outcome> {
  const total = { done: 0, elapsedMs: 0, cpuMs: 0 };
  while (total.elapsedMs < order.durationMs) {
    for (let index = 0; index < deletedAtOnce; index += 1) {
      writeFileSync(join(place.directory, `deleted-${index}`), kib);
    }
    const { done, elapsedMs, cpuMs } = await run(
      { ...order, durationMs: Infinity },
      act,
      deletedAtOnce,
    );
    total.done += done;
    total.elapsedMs += elapsedMs;
    total.cpuMs += cpuMs;
  }
  return total;
}

async function carryOut(order: Order<Action>): Promise<Outcome> {
  const act = operation(subject, order);
  const isPrepared = order.action === "delete" && place.backend === "local";
  const outcome = await (isPrepared ? runDeletions(order, act) : run(order, act, Infinity));
  return { ...outcome, peakMib: process.resourceUsage().maxRSS / 1024 };
}

function tell(report: Report): void {
  process.send?.(report);
}

process.on("message", (order: Order<Action>) => {
  void carryOut(order).then((outcome) => tell({ outcome }));
});
process.on("disconnect", () => process.exit());
const able = actions.filter(([, method]) => subject[method] !== undefined);
tell({ actions: able.map(([action]) => action) });

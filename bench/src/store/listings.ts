import { fileURLToPath } from "node:url";
import { Contender } from "../client/contender.ts";
import { median } from "../statistics.ts";
import type { MeasuredStore } from "./stores.ts";
import type { StorePlace } from "./subject.ts";

const driver = fileURLToPath(new URL("./driver.js", import.meta.url));

/** What one listing took. */
interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
  /** By how much the process was larger at its peak than after the shorter listing that came before. */
  readonly grownMib: number;
  /** Of one listing; undefined where there is no server. */
  readonly requests: number | undefined;
}

/** What it took one store to list so many files: medians. */
export interface Listing extends Taken {
  readonly name: string;
  readonly backend: "local" | "s3";
  readonly files: number;
}

/** How a long listing is asked for. */
export interface ListingOrder {
  readonly files: number;
  /** Listed before, so that code is compiled and memory is as large as a short listing makes it. */
  readonly warmUpFiles: number;
  readonly rounds: number;
  /** How many requests the server has had. */
  readonly requests?: (() => Promise<number>) | undefined;
}

/** Each of the stores in a process of its own, in turn, round by round; medians. */
export async function listings(
  backend: "local" | "s3",
  places: ReadonlyMap<MeasuredStore, StorePlace>,
  order: ListingOrder,
): Promise<readonly Listing[]> {
  const found = new Map<MeasuredStore, Taken[]>();
  for (let round = 0; round < order.rounds; round += 1) {
    for (const [store, place] of places) {
      found.set(store, [...(found.get(store) ?? []), await listOnce(store, place, order)]);
    }
  }
  return [...found].map(([{ name }, all]) => ({
    name,
    backend,
    files: order.files,
    ms: median(all.map(({ ms }) => ms)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
    grownMib: median(all.map(({ grownMib }) => grownMib)),
    requests: all[0]?.requests,
  }));
}

async function listOnce(
  { name, file }: MeasuredStore,
  place: StorePlace,
  { files, warmUpFiles, requests }: ListingOrder,
): Promise<Taken> {
  const contender = new Contender(name);
  try {
    await contender.start(driver, [file, JSON.stringify(place)]);
    const order = { action: "list", inFlight: 1, durationMs: 0 };
    const { peakMib: before = Number.NaN } = await contender.carryOut({
      ...order,
      bytes: warmUpFiles,
    });
    const requestsBefore = await requests?.();
    const outcome = await contender.carryOut({ ...order, bytes: files });
    const { elapsedMs: ms, cpuMs, peakMib: after = Number.NaN } = outcome;
    const requestsAfter = await requests?.();
    const asked =
      requestsBefore === undefined || requestsAfter === undefined
        ? undefined
        : requestsAfter - requestsBefore;
    return { ms, cpuMs, grownMib: after - before, requests: asked };
  } finally {
    await contender.stop();
  }
}

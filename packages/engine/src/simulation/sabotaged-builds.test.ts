import { afterEach, expect, test, vi } from "vitest";
import type * as FrameModule from "../log/frame.ts";
import { decodeFrame, saltBytes } from "../log/frame.ts";
import { decodeLogHeader, logHeaderBytes } from "../log/log-file.ts";
import type { Sabotaged } from "./sabotage.ts";
import type { SimDisk } from "./sim-disk.ts";

/** Refusals to open and to read that say so; the sabotaged build has classes of its own. */
const refusals = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  (error.code === "LOG_DAMAGED" || error.code === "InternalError");

const flip = (bytes: Buffer, at: number): Buffer => {
  const rotten = Buffer.from(bytes);
  rotten[at] = (rotten[at] ?? 0) ^ 0x04;
  return rotten;
};

/** One byte of one blob rots while the power is off. */
const rottenBlob: Sabotaged = {
  between(disk) {
    const path = disk.files().find((name) => name.includes("/blobs/"));
    if (path !== undefined) disk.tamper(path, (bytes) => flip(bytes, 7));
    return disk;
  },
  excuses: refusals,
};

/** A commit that a whole one follows rots while the power is off. */
const rottenLog: Sabotaged = {
  between(disk) {
    for (const path of disk.files().filter((name) => name.includes("/log/"))) rotFirst(disk, path);
    return disk;
  },
  excuses: refusals,
};

const rotFirst = (disk: SimDisk, path: string): void => {
  disk.tamper(path, (bytes) => {
    const header = decodeLogHeader(bytes);
    const first = header && decodeFrame(header.salt, bytes, logHeaderBytes);
    const second = first && decodeFrame(header.salt, bytes, first.end);
    return second === undefined ? bytes : flip(bytes, logHeaderBytes + saltBytes + 20);
  });
};

/** `hunt` of a build in which one module is changed. */
const huntInBuild = async (change: () => void) => {
  vi.resetModules();
  change();
  const { hunt } = await import("./sabotage.ts");
  return hunt;
};

const unchanged = (): void => undefined;

const believesEveryBlock = (): void => {
  vi.doMock("../blobs/blob-format.ts", async (original) => ({
    ...(await original<object>()),
    blocksAreSound: () => true,
  }));
};

const seesNothingBehindDamage = (): void => {
  vi.doMock("../log/frame.ts", async (original) => {
    const frame = await original<typeof FrameModule>();
    const damaged = new WeakSet<Buffer>();
    return {
      ...frame,
      decodeFrame(...[salt, bytes, offset]: Parameters<typeof decodeFrame>) {
        if (damaged.has(bytes)) return undefined;
        const found = frame.decodeFrame(salt, bytes, offset);
        if (found === undefined) damaged.add(bytes);
        return found;
      },
    };
  });
};

afterEach(() => {
  vi.doUnmock("../blobs/blob-format.ts");
  vi.doUnmock("../log/frame.ts");
  vi.resetModules();
});

test.each([
  ["skip CRC on read", rottenBlob, believesEveryBlock],
  ["cut at bad middle record", rottenLog, seesNothingBehindDamage],
] as const)(
  "sabotage: %s is found, and an honest build serves nothing wrong",
  async (name, rotten, change) => {
    const huntHonest = await huntInBuild(unchanged);
    const honest = await huntHonest(rotten, 1_000);
    const huntSabotaged = await huntInBuild(change);
    const { points, violation } = await huntSabotaged(rotten);
    console.log(
      `${name}: found by crash point ${points}: ${violation}; none in ${honest.points} without`,
    );
    expect(honest.violation).toBeUndefined();
    expect(violation).toBeDefined();
  },
  300_000,
);

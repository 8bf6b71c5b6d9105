import { expect, test } from "vitest";
import type { Capability } from "../capability.ts";
import type {
  DeleteFailure,
  FileEntry,
  FolderEntry,
  ListPage,
  OpenedFile,
  Written,
} from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { memorySubject } from "../drivers/memory-fixture.test.support.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { Store } from "../store.ts";
import { whyNot } from "./applicability.ts";
import type { Fixture, Subject } from "./cell.ts";
import { cells } from "./cells.ts";
import { conformance } from "./conformance.ts";
import { inFixture } from "./in-fixture.ts";
import { narrowed } from "./narrowed.ts";
import type { Results } from "./results.ts";
import { runAgainstModel } from "./model-run.ts";

type Put = Parameters<MemoryDriver["put"]>;
type Get = Parameters<MemoryDriver["get"]>;
type List = Parameters<MemoryDriver["listPage"]>;

/** Drivers that break one promise each, and a cell that has to notice. */
const defects: Readonly<Record<string, new () => MemoryDriver>> = {
  "write.source-fails": class extends MemoryDriver {
    override async put(...[key, body, options]: Put): Promise<Written> {
      if (body instanceof Uint8Array) return super.put(key, body, options);
      const kept: Uint8Array[] = [];
      try {
        for await (const piece of body) kept.push(piece);
      } catch (error) {
        await super.put(key, Buffer.concat(kept), {});
        throw error;
      }
      return super.put(key, Buffer.concat(kept), options);
    }
  },
  "write.race": class extends MemoryDriver {
    override async put(...[key, body, { condition }]: Put): Promise<Written> {
      if (condition === "absent") {
        const isThere = await this.stat(key).then(
          () => true,
          () => false,
        );
        if (isThere) throw new DriverFailure({ kind: "already-exists" });
      }
      await new Promise((resolve) => setImmediate(resolve));
      return super.put(key, body, {});
    }
  },
  "write.race-late": class extends MemoryDriver {
    override async put(...[key, body, { condition }]: Put): Promise<Written> {
      const isThere = await this.stat(key).then(
        () => true,
        () => false,
      );
      if (condition === "absent" && isThere) throw new DriverFailure({ kind: "already-exists" });
      return super.put(key, body, {});
    }
  },
  "write.if-match": class extends MemoryDriver {
    override put(...[key, body, options]: Put): Promise<Written> {
      const isSwap = typeof options.condition === "object";
      return super.put(key, body, isSwap ? {} : options);
    }
  },
  "write.exists": class extends MemoryDriver {
    override put(...[key, body]: Put): Promise<Written> {
      return super.put(key, body, {});
    }
  },
  "read.range": class extends MemoryDriver {
    override get(...[key, { length, ...options }]: Get): Promise<OpenedFile> {
      return super.get(key, length === undefined ? options : { ...options, length: length + 1 });
    }
  },
  "read.if-match": class extends MemoryDriver {
    override get(...[key, { offset, length }]: Get): Promise<OpenedFile> {
      return super.get(key, { offset, length });
    }
  },
  "list.pages": class extends MemoryDriver {
    override async listPage(...parameters: List): Promise<ListPage> {
      return { entries: (await super.listPage(...parameters)).entries };
    }
  },
  "list.hostile": class extends MemoryDriver {
    override async listPage(...parameters: List): Promise<ListPage> {
      const page = await super.listPage(...parameters);
      const decoded = (entry: FileEntry | FolderEntry): FileEntry | FolderEntry => ({
        ...entry,
        key: entry.key.replaceAll("%41", "A"),
      });
      return { ...page, entries: page.entries.map(decoded) };
    }
  },
  "delete.missing": class extends MemoryDriver {
    override delete(...parameters: Parameters<MemoryDriver["delete"]>): Promise<void> {
      return super.delete(...parameters).catch(() => {});
    }
  },
  "delete.not-empty": class extends MemoryDriver {
    override async listPage(...[prefix, options]: List): Promise<ListPage> {
      return super.listPage(prefix.slice(0, -1), options);
    }
  },
  "move.file": class extends MemoryDriver {
    override async rename(from: string, to: string): Promise<void> {
      await this.copy(from, to, { overwrite: true });
    }
  },
  "move.exists": class extends MemoryDriver {
    override rename(from: string, to: string): Promise<void> {
      return super.rename(from, to, { overwrite: true });
    }
  },
};

function fixtureOf(driver: MemoryDriver): Fixture {
  return {
    driver,
    store: Store.over(driver),
    leftovers: async () => [],
    end: async () => {},
  };
}

async function outcomeOf(id: string, driver: MemoryDriver): Promise<"held" | "broken"> {
  const cell = cells.find((one) => one.id === id);
  if (cell === undefined) throw new Error(`no cell ${id}`);
  const make = async (): Promise<Fixture> => fixtureOf(driver);
  return cell.run(fixtureOf(driver), { name: "defective", make }).then(
    () => "held" as const,
    () => "broken" as const,
  );
}

test.each(Object.entries(defects))("a driver that breaks %s is noticed", async (id, Defective) => {
  expect(await outcomeOf(id, new MemoryDriver())).toBe("held");
  expect(await outcomeOf(id, new Defective())).toBe("broken");
});

test("a random run finds a driver that takes an underscore for any character", async () => {
  const defective = new (class extends MemoryDriver {
    override async deleteMany(keys: readonly string[]): Promise<readonly DeleteFailure[]> {
      return super.deleteMany(keys.flatMap((key) => [key, key.replaceAll("_", "x")]));
    }
  })();
  const run = (driver: MemoryDriver): Promise<void> =>
    runAgainstModel(fixtureOf(driver), { seed: 1, steps: 5000 });
  await run(new MemoryDriver());
  await expect(run(defective)).rejects.toThrow(/seed 1, step \d+/);
});

/** A backend in memory that cannot do some things; its files come from behind. */
function unable(...lacking: readonly Capability[]): Subject {
  const whole = memorySubject("tree");
  return {
    ...whole,
    async make() {
      const made = await whole.make();
      const able = [...made.driver.capabilities].filter((one) => !lacking.includes(one));
      const { driver } = narrowed(made.driver, new Set(able));
      const seed = async (files: Readonly<Record<string, Uint8Array>>): Promise<void> => {
        for (const [key, bytes] of Object.entries(files)) await made.driver.put(key, bytes, {});
      };
      return { ...made, driver, store: Store.over(driver), seed };
    },
  };
}

const capabilities: readonly Capability[] = [...new MemoryDriver().capabilities];
const opening = capabilities.filter((one) => !/^(atomic_(create|move)|conditional|user)/.test(one));
const other = capabilities.filter((one) => !opening.includes(one));

test.each([
  ...opening.map((capability) => [capability]),
  other,
  capabilities.filter((one) => one !== "read" && one !== "metadata"),
  capabilities,
])("no cell asks for what a backend cannot do: without %s", async (...lacking) => {
  const subject = unable(...lacking);
  for (const cell of cells) {
    if (cell.id === "child.same") continue;
    await inFixture(subject, async (fixture) => {
      if (whyNot(cell, subject, fixture) !== undefined) return;
      await cell.run(fixture, subject).catch((error: unknown) => {
        throw new Error(`${cell.id} fails`, { cause: error });
      });
    });
  }
});

interface Registered {
  readonly tests: ReadonlyMap<string, () => Promise<void>>;
  readonly skipped: readonly string[];
  readonly results: () => Results | undefined;
}

/** What is registered for a subject, to be run here. */
async function registeredFor(subject: Subject): Promise<Registered> {
  const tests = new Map<string, () => Promise<void>>();
  const skipped: string[] = [];
  const register = (name: string, run: () => Promise<void>): unknown => tests.set(name, run);
  const skip = (name: string): unknown => skipped.push(name);
  let found: Results | undefined;
  const results = (given: Results): void => {
    found = given;
  };
  await conformance(subject, Object.assign(register, { skip }), { results });
  return { tests, skipped, results: () => found };
}

function named(tests: Registered["tests"], part: string): () => Promise<void> {
  const found = [...tests].filter(([name]) => name.includes(part)).map(([, run]) => run);
  const [run] = found;
  if (run === undefined || found.length > 1) throw new Error(`${found.length} tests have ${part}`);
  return run;
}

test("an exception is one as long as its cell fails; then it has to go", async () => {
  const exceptions = { "write.exists": "it overwrites", "read.empty": "it holds" };
  const Defective = defects["write.exists"] ?? MemoryDriver;
  const make = async (): Promise<Fixture> => fixtureOf(new Defective());
  const { tests } = await registeredFor({ name: "defective", make, exceptions });
  await named(tests, "(write.exists)")();
  await expect(named(tests, "(read.empty)")()).rejects.toThrow("holds after all");
});

test("an exception that names no cell, and a hand that is missing without a reason, fail", async () => {
  const make = async (): Promise<Fixture> => fixtureOf(new MemoryDriver());
  const exceptions = { "no.such": "never", "write.flat": "not of a tree" };
  const without = { reset: "no wire", seed: "it is written to" };
  const subject = { name: "bare", make, exceptions, without };
  const { tests } = await registeredFor(subject);
  const declared = named(tests, "what its fixture cannot do");
  await expect(declared()).rejects.toMatchObject({
    actual: [
      'its fixture has no dropContainer, and "without" does not say why',
      'its fixture has no denyAll, and "without" does not say why',
      'its fixture has no refused-keys, and "without" does not say why',
      'its fixture has no throttled, and "without" does not say why',
      'its fixture has no truncated, and "without" does not say why',
      'its fixture has no unavailable, and "without" does not say why',
      "its exception no.such is no cell that applies to it",
      "its exception write.flat is no cell that applies to it",
    ],
  });
});

test("what is skipped says why, and the results count every cell", async () => {
  const subject = { ...memorySubject("tree"), without: { reset: "no wire" } };
  const { tests, skipped, results } = await registeredFor(subject);
  expect(skipped).toContainEqual(
    expect.stringMatching(/\(fault\.reset\): without reset: no wire$/),
  );
  for (const run of tests.values()) await run();
  const found = results();
  expect(Object.keys(found?.cells ?? {})).toEqual(cells.map(({ id }) => id));
  expect(found?.cells["fault.reset"]).toEqual({
    is: "not-applicable",
    reason: "without reset: no wire",
  });
  expect(found?.cells["read.bytes"]).toEqual({ is: "held" });
  expect(found?.outcomes["read(path)"]?.["nothing is there"]).toBe("NotFound");
});

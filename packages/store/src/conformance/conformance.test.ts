import { expect, test } from "vitest";
import type {
  DeleteFailure,
  FileEntry,
  FolderEntry,
  ListPage,
  OpenedFile,
  Written,
} from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { Store } from "../store.ts";
import { cells } from "./conformance.ts";
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

async function outcomeOf(id: string, driver: MemoryDriver): Promise<"held" | "broken"> {
  const cell = cells.find((one) => one.id === id);
  if (cell === undefined) throw new Error(`no cell ${id}`);
  const store = Store.over(driver);
  const fixture = { driver, store, leftovers: async () => [], end: async () => {} };
  return cell.run(fixture).then(
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
  const run = (driver: MemoryDriver): Promise<void> => {
    const store = Store.over(driver);
    const fixture = { driver, store, leftovers: async () => [], end: async () => {} };
    return runAgainstModel(fixture, { seed: 1, steps: 5000 });
  };
  await run(new MemoryDriver());
  await expect(run(defective)).rejects.toThrow(/seed 1, step \d+/);
});

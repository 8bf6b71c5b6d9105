import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError } from "../config/config-error.ts";
import type { Driver } from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Registry } from "./registry.ts";

/** Memory that counts how often it is made and closed. */
class Watched extends MemoryDriver {
  static made: Watched[] = [];
  closed = 0;
  readonly failure: Error | undefined;

  constructor(failure?: Error) {
    super();
    this.failure = failure;
    Watched.made.push(this);
  }

  override async close(): Promise<void> {
    this.closed += 1;
    await super.close();
    if (this.failure !== undefined) throw this.failure;
  }
}

function watching(): { readonly watched: () => Driver } {
  Watched.made = [];
  return { watched: () => new Watched() };
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const twoOnOne = {
  backends: { main: { type: "watched" }, idle: { type: "watched" } },
  stores: {
    a: { backend: "main", root: "a" },
    all: { backend: "main" },
    idle: { backend: "idle" },
  },
} as const;

test("a store is the same each time, and stores of one backend see each other's files", async () => {
  await using registry = Registry.from(twoOnOne, { types: watching() });
  const store = registry.store("a");
  expect(registry.store("a")).toBe(store);
  await store.writeText("x/y", "z");
  expect(await registry.store("all").readText("a/x/y")).toBe("z");
  expect(store.resolve("x")).toEqual({ backend: "memory", path: "x", key: "a/x" });
});

test("a backend is made when a store of it is asked for, once, and closed once, with the registry", async () => {
  const registry = Registry.from(twoOnOne, { types: watching() });
  expect(Watched.made).toHaveLength(0);
  const [a, all] = [registry.store("a"), registry.store("all")];
  expect(Watched.made).toHaveLength(1);
  await a.close();
  await all.writeText("still", "open");
  await a.writeText("still", "open");
  await Promise.all([registry.close(), registry.close()]);
  await registry[Symbol.asyncDispose]();
  expect(Watched.made.map(({ closed }) => closed)).toEqual([1]);
  for (const store of [a, all]) {
    await expect(store.readText("still")).rejects.toMatchObject({ name: "Closed" });
  }
  for (const name of ["a", "idle"]) {
    expect(thrownBy(() => registry.store(name))).toMatchObject({
      name: "Closed",
      retryable: false,
    });
  }
  expect(Watched.made).toHaveLength(1);
});

test("backends that fail to close keep no other from being closed, and all failures are told", async () => {
  const [first, second] = [new Error("first"), new Error("second")];
  const failing = (failures: readonly (Error | undefined)[]): Registry => {
    Watched.made = [];
    const rest = [...failures];
    const names = failures.map((_, index) => `b${index}`);
    const registry = Registry.from(
      {
        backends: Object.fromEntries(names.map((name) => [name, { type: "failing" }])),
        stores: Object.fromEntries(names.map((name) => [name, { backend: name }])),
      },
      { types: { failing: () => new Watched(rest.shift()) } },
    );
    for (const name of names) registry.store(name);
    return registry;
  };
  await expect(failing([first, undefined]).close()).rejects.toBe(first);
  expect(Watched.made.map(({ closed }) => closed)).toEqual([1, 1]);
  await expect(failing([first, undefined, second]).close()).rejects.toMatchObject({
    errors: [first, second],
  });
  expect(Watched.made.map(({ closed }) => closed)).toEqual([1, 1, 1]);
});

test("a name that the config does not have is told, with the one that is near", () => {
  const registry = Registry.from(twoOnOne, { types: watching() });
  const error = thrownBy(() => registry.store("alll"));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({
    code: "UnknownStore",
    message: "stores.alll: there is no such store; did you mean all; known are a, all, idle",
    problems: [{ path: "stores.alll", keys: ["stores", "alll"] }],
  });
  expect(thrownBy(() => registry.store("__proto__"))).toMatchObject({ code: "UnknownStore" });
});

test("a backend that cannot be made is named, keeps its cause, and is tried again", async () => {
  const cause = new Error("no such device");
  const outcomes: (() => Driver)[] = [
    () => {
      throw cause;
    },
    () => new MemoryDriver(),
  ];
  await using registry = Registry.from(
    { backends: { tape: { type: "tape" } }, stores: { a: { backend: "tape" } } },
    { types: { tape: () => outcomes.shift()?.() ?? new MemoryDriver() } },
  );
  expect(thrownBy(() => registry.store("a"))).toMatchObject({
    code: "UnusableBackend",
    message: expect.stringContaining("backends.tape: "),
    cause,
  });
  expect(await registry.store("a").exists("x")).toBe(false);
});

test("a type of the caller's own gets what the config says, and goes before one that is built in", async () => {
  const got: unknown[] = [];
  const maker = (options: unknown): Driver => {
    got.push(options);
    return new MemoryDriver();
  };
  const nested = { list: [1, { deep: "${NAME}" }], when: new Date(0) };
  await using registry = Registry.from(
    {
      backends: { own: { type: "own", nested }, s3: { type: "s3", bucket: "b" } },
      stores: { own: { backend: "own" }, s3: { backend: "s3" } },
    },
    { env: { NAME: "Ada" }, types: { own: maker, s3: maker } },
  );
  nested.list.push(2);
  expect(await registry.store("own").exists("x")).toBe(false);
  expect(registry.store("s3").resolve("").backend).toBe("memory");
  expect(got).toEqual([
    { nested: { list: [1, { deep: "Ada" }], when: new Date(0) } },
    { bucket: "b" },
  ]);
});

test("variables are read where they were asked for, and nowhere else", async () => {
  const config = {
    backends: { m: { type: "memory" } },
    stores: { s: { backend: "m", root: "${HOLDFAST_TEST_ROOT}" } },
  } as const;
  process.env["HOLDFAST_TEST_ROOT"] = "of-the-process";
  onTestFinished(() => void delete process.env["HOLDFAST_TEST_ROOT"]);
  const rootOf = async (options: Parameters<typeof Registry.from>[1]): Promise<string> => {
    await using registry = Registry.from(config, options);
    return registry.store("s").resolve("").key;
  };
  expect(await rootOf({})).toBe("${HOLDFAST_TEST_ROOT}");
  expect(await rootOf({ env: true })).toBe("of-the-process");
  expect(await rootOf({ env: { HOLDFAST_TEST_ROOT: "given" } })).toBe("given");
});

test("a file's paths are meant from its folder, and its name is in what is wrong with it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-registry-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "data"));
  const file = join(folder, "stores.toml");
  await writeFile(
    file,
    '[backends.disk]\ntype = "local"\nroot = "${PLACE:-data}"\n[stores.s]\nbackend = "disk"\n',
  );
  await using registry = await Registry.fromFile(file, { env: {} });
  await registry.store("s").writeText("a", "b");
  expect(await registry.store("s").readText("a")).toBe("b");
  await expect(Registry.fromFile(file, { env: { PLACE: "\0" } })).rejects.toMatchObject({
    code: "InvalidConfig",
    file,
    message: `${file}: backends.disk.root: must be a path, not text like this`,
  });
});

test("the compiler knows what a config may say", () => {
  const made = (): unknown => [
    // @ts-expect-error no bucket
    Registry.from({ backends: { b: { type: "s3" } }, stores: {} }),
    // @ts-expect-error no such key
    Registry.from({ backends: { b: { type: "s3", bucket: "b", buket: "" } }, stores: {} }),
    // @ts-expect-error no such type
    Registry.from({ backends: { b: { type: "s4" } }, stores: {} }),
    // @ts-expect-error no number
    Registry.from({ backends: { b: { type: "s3", bucket: "b", attemptsMax: "3" } }, stores: {} }),
    // @ts-expect-error no such backend type among those given
    Registry.from({ backends: { b: { type: "own" } }, stores: {} }, { types: watching() }),
  ];
  expect(made).toThrow(ConfigError);
  const config = {
    backends: { b: { type: "s3", bucket: "${BUCKET}", attemptsMax: "${TRIES:-3}" } },
    stores: { s: { backend: "b" } },
  } as const;
  expect(Registry.from(config, { env: { BUCKET: "b" } }).toJSON().stores).toEqual(["s"]);
});

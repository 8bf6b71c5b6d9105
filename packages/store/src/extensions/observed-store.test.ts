import { expect, test, vi } from "vitest";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Store } from "../store.ts";
import { faulty } from "./faults/faulty-store.ts";
import { observed } from "./observed-store.ts";
import type { StoreEvent } from "./store-event.ts";
import type { StoreLike } from "./store-like.ts";
import { traceStore } from "./trace-store.ts";

/** An observed store with two files, and what it tells in short. */
async function make(): Promise<{ store: StoreLike; told: string[]; events: StoreEvent[] }> {
  const inner = Store.over(new MemoryDriver());
  await inner.writeText("d/a", "12345");
  await inner.writeText("d/b", "123");
  const told: string[] = [];
  const events: StoreEvent[] = [];
  const store = observed(inner, (event) => {
    events.push(event);
    told.push(shortly(event));
  });
  return { store, told, events };
}

function shortly(event: StoreEvent): string {
  const { type, operation, path, to } = event;
  const counts = event.type === "start" ? [] : [event.bytes, event.entries, codeOf(event)];
  return [type, operation, path, to, ...counts].filter((one) => one !== undefined).join(" ");
}

function codeOf(event: StoreEvent): string | undefined {
  return event.type === "error" ? event.errorCode : undefined;
}

test("every call is told when it begins and when it ends, with what it read or wrote", async () => {
  const { store, told, events } = await make();
  await store.readBytes("d/a");
  await store.writeText("e", "12");
  await store.copy("e", "f");
  await store.child("d").exists("b");
  await expect(store.delete("nothing")).rejects.toMatchObject({ name: "NotFound" });
  expect(told).toEqual([
    "start readBytes d/a",
    "end readBytes d/a 5",
    "start writeText e",
    "end writeText e 2",
    "start copy e f",
    "end copy e f 2",
    "start exists b",
    "end exists b",
    "start delete nothing",
    "error delete nothing NotFound",
  ]);
  for (const event of events) {
    expect(event.backend).toBe("memory");
    if (event.type !== "start") expect(event.durationMs).toBeGreaterThanOrEqual(0);
  }
  expect(new Set(events.map(({ id }) => id)).size).toBe(5);
});

test("a stream's call ends when its bytes do: read to the end, left early, disposed of, or broken off", async () => {
  const { store, told } = await make();
  const whole = await store.read("d/a");
  expect(told).toEqual(["start read d/a"]);
  await whole.bytes();
  expect(told.at(-1)).toBe("end read d/a 5");
  for await (const piece of await store.read("d/a")) {
    expect(piece).toHaveLength(5);
    break;
  }
  expect(told.at(-1)).toBe("end read d/a 5");
  await (await store.read("d/a")).dispose();
  expect(told.at(-1)).toBe("end read d/a");
  await expect(store.read("nothing")).rejects.toMatchObject({ name: "NotFound" });
  expect(told.at(-1)).toBe("error read nothing NotFound");
  expect(told).toHaveLength(8);
  const seen: string[] = [];
  const breaking = faulty(store, () => ({ kind: "unavailable", at: 3 }));
  const twice = observed(breaking, (event) => void seen.push(shortly(event)));
  await expect((await twice.read("d/a")).bytes()).rejects.toMatchObject({ retryable: true });
  expect(seen).toEqual(["start read d/a", "error read d/a 3 BackendUnavailable"]);
});

test("a listing's call ends when it does: at its end, left early, or broken off", async () => {
  const { store, told } = await make();
  for await (const file of store.listFiles("d")) expect(file.kind).toBe("file");
  expect(told).toEqual(["start listFiles d", "end listFiles d 2"]);
  for await (const file of store.glob("d/*")) {
    expect(file.path).toBe("d/a");
    break;
  }
  expect(told.slice(2)).toEqual(["start glob d/*", "end glob d/* 1"]);
  const seen: string[] = [];
  const breaking = faulty(store, () => ({ kind: "forbidden", at: 1 }));
  const twice = observed(breaking, (event) => void seen.push(shortly(event)));
  const reading = async (): Promise<void> => {
    for await (const file of twice.iterChildren("d")) expect(file.path).toBe("d/a");
  };
  await expect(reading()).rejects.toMatchObject({ name: "PermissionDenied" });
  expect(seen).toEqual(["start iterChildren d", "error iterChildren d 1 PermissionDenied"]);
});

test("a writer's call ends when it is committed or taken back", async () => {
  const { store, told } = await make();
  const writer = await store.openAtomic("x");
  await writer.write(new Uint8Array(7));
  expect(told).toEqual(["start openAtomic x"]);
  await writer.commit();
  expect(told.at(-1)).toBe("end openAtomic x 7");
  const other = await store.openAtomic("y");
  await other.write(new Uint8Array(3));
  await other[Symbol.asyncDispose]();
  expect(told.at(-1)).toBe("end openAtomic y 3");
  const late = await store.openAtomic("x");
  await expect(late.commit()).rejects.toMatchObject({ name: "AlreadyExists" });
  expect(told.at(-1)).toBe("error openAtomic x AlreadyExists");
});

test("a reader's call ends when it is closed, with what was read here and there", async () => {
  const { store, told } = await make();
  const reader = await store.readSeekable("d/a");
  expect(await reader.read(1, 2)).toHaveLength(2);
  expect(await reader.read(3, 9)).toHaveLength(2);
  expect(told).toEqual(["start readSeekable d/a"]);
  await reader.close();
  await reader[Symbol.asyncDispose]();
  expect(told.slice(1)).toEqual(["end readSeekable d/a 4"]);
});

test("a hook that throws or rejects changes nothing, and warns once", async () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const inner = Store.over(new MemoryDriver());
  const throwing = observed(inner, () => {
    throw new Error("the hook is broken");
  });
  await throwing.writeText("a", "1");
  expect(await throwing.readText("a")).toBe("1");
  const rejecting = observed(inner, () => Promise.reject(new Error("so is this")));
  expect(await (await rejecting.read("a")).bytes()).toHaveLength(1);
  await new Promise(setImmediate);
  expect(warn).toHaveBeenCalledTimes(2);
  warn.mockRestore();
});

interface Span {
  name: string;
  attributes: Record<string, unknown>;
  status?: { code: number; message?: string };
  ended: number;
}

function tracer(spans: Span[]): Parameters<typeof traceStore>[0] {
  return {
    startSpan(name, options) {
      const span: Span = { name, attributes: { ...options?.attributes }, ended: 0 };
      spans.push(span);
      return {
        setAttributes: (attributes) => Object.assign(span.attributes, attributes),
        addEvent: () => {},
        setStatus: (status) => Object.assign(span, { status }),
        end: () => void (span.ended += 1),
      };
    },
  };
}

test("spans say what was done and how it ended; paths and sentences only where they are asked for", async () => {
  const { store: inner } = await make();
  for (const paths of [false, true]) {
    const spans: Span[] = [];
    const store = observed(inner, traceStore(tracer(spans), { paths }));
    await (await store.read("d/a")).bytes();
    await expect(store.readText("secret name")).rejects.toMatchObject({ name: "NotFound" });
    expect(spans).toMatchObject([
      {
        name: "store.read",
        attributes: { "store.operation": "read", "store.backend": "memory", "store.bytes": 5 },
        ended: 1,
      },
      { name: "store.readText", attributes: { "error.type": "NotFound" }, ended: 1 },
    ]);
    expect(JSON.stringify(spans).includes("secret name")).toBe(paths);
    expect(spans[1]?.status).toEqual({
      code: 2,
      message: paths ? "Nothing is at this path." : "NotFound",
    });
  }
});

import {
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  appendFileSync,
} from "node:fs";
import { createReadStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { WireFailure } from "../errors/wire-failure.ts";
import { openBody, toReplayableBody, type RequestBody } from "./to-replayable-body.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "holdfast-bodies-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

async function read(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (source instanceof Uint8Array) return Buffer.from(source);
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof WireFailure ? thrown.fields.code : thrown;
}

function failing(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(code), { code }));
}

const text = "bytes, and more than one: é";

function bodies(file: string): Record<string, () => RequestBody> {
  const bytes = Buffer.from(text);
  async function* iterable(): AsyncGenerator<Uint8Array | string> {
    yield bytes.subarray(0, 3);
    yield "";
    yield bytes.subarray(3);
  }
  return {
    string: () => text,
    bytes: () => bytes,
    "an ArrayBuffer": () => Uint8Array.from(bytes).buffer,
    Blob: () => new Blob([bytes]),
    file: () => ({ file }),
    "Node stream": () => Readable.from([bytes], { objectMode: false }),
    "Node stream of text": () => new PassThrough({ encoding: "utf8" }).end(bytes),
    "web stream": () => new Blob([bytes]).stream(),
    "async iterable": iterable,
    "function of a web stream": () => () => new Blob([bytes]).stream(),
    "function of a promise": () => async () => iterable(),
  };
}

test("every kind of body gives its bytes, with and without a stated length, and twice where it is replayable", async () => {
  const file = join(folder(), "file");
  writeFileSync(file, text);
  for (const make of Object.values(bodies(file))) {
    for (const length of [undefined, Buffer.byteLength(text)]) {
      const body = await toReplayableBody(make(), { length });
      expect(body.length).toBe(Buffer.byteLength(text));
      expect((await read(body.open())).toString()).toBe(text);
      if (body.replayable) expect((await read(body.open())).toString()).toBe(text);
      body.end?.();
    }
  }
});

test("a source is replayable where it can be made again or is held, and no other", async () => {
  const stream = (): Readable => Readable.from([Buffer.from(text)], { objectMode: false });
  expect((await toReplayableBody(stream(), { length: 27 })).replayable).toBe(false);
  expect((await toReplayableBody(() => stream(), { length: 27 })).replayable).toBe(true);
  expect((await toReplayableBody(stream())).replayable).toBe(true);
});

test("a source that uses its memory again is held as it was", async () => {
  const memory = Buffer.alloc(1);
  async function* source(): AsyncGenerator<Uint8Array> {
    for (const byte of text) {
      memory.write(byte, "latin1");
      yield memory;
    }
  }
  const body = await toReplayableBody(source());
  expect((await read(body.open())).toString("latin1")).toBe(text);
});

test.each([
  ["less", 26],
  ["more", 28],
])("a source that gives another number of bytes than announced fails: %s", async (_, length) => {
  const given = async function* (): AsyncGenerator<string> {
    yield "x".repeat(27);
  };
  const { source } = await openBody(given, { length });
  await expect(read(source)).rejects.toThrow(RangeError);
});

test("the last piece is given only once the source has ended, so that a longer one is never sent as if whole", async () => {
  async function* source(): AsyncGenerator<string> {
    yield "all of it";
    yield "and more";
  }
  const given: Uint8Array[] = [];
  const body = await openBody(source(), { length: 9 });
  await expect(
    (async () => {
      for await (const piece of body.source) given.push(piece);
    })(),
  ).rejects.toThrow(RangeError);
  expect(given).toEqual([]);
});

test("a file that grew is read to its announced length; one that shrank fails", async () => {
  const file = join(folder(), "file");
  writeFileSync(file, "0123456789");
  const body = await toReplayableBody({ file });
  appendFileSync(file, "more");
  expect((await read(body.open())).toString()).toBe("0123456789");
  truncateSync(file, 4);
  await expect(read(body.open())).rejects.toThrow(RangeError);
});

test("a file that is missing, a directory and what is no body are refused by their codes", async () => {
  const missing = join(folder(), "missing");
  expect(await codeOf(Promise.resolve(toReplayableBody({ file: missing })))).toBe(
    "BodySourceFailed",
  );
  expect(await codeOf(openBody({ file: tmpdir() }))).toBe("BodySourceFailed");
  expect(await codeOf(openBody({ file: "/dev/null" }))).toBe("BodySourceFailed");
  const notABody: Record<string, unknown> = { length: 3 };
  expect(await codeOf(Promise.resolve().then(() => toReplayableBody(Object(notABody))))).toBe(
    "InvalidRequest",
  );
  for (const length of [-1, 0.5, Number.NaN]) {
    expect(await codeOf(openBody(() => new Blob(["x"]).stream(), { length }))).toBe(
      "InvalidRequest",
    );
  }
});

test("what is neither bytes nor text in a source is its failure", async () => {
  const { source } = await openBody(Readable.from([{ a: 1 }]));
  await expect(read(source)).rejects.toThrow(TypeError);
});

test("a body that is opened and never read holds no file", async () => {
  const file = join(folder(), "file");
  writeFileSync(file, text);
  const before = readdirSync("/proc/self/fd").length;
  const body = await toReplayableBody({ file });
  for (let i = 0; i < 20; i++) body.open();
  await wait(20);
  expect(readdirSync("/proc/self/fd").length).toBeLessThan(before + 10);
});

test("a file that goes away before it is read is no uncaught exception", async () => {
  const file = join(folder(), "file");
  writeFileSync(file, text);
  const body = await toReplayableBody({ file });
  rmSync(file);
  body.open();
  const opened = body.open();
  await turn();
  await expect(read(opened)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a stream that failed before anybody read it fails its reader with its own error", async () => {
  const stream = createReadStream(join(folder(), "missing"));
  const body = await toReplayableBody(stream, { length: 5 });
  await wait(20);
  await expect(read(body.open())).rejects.toMatchObject({ code: "ENOENT" });
});

test("a stream that was destroyed before it is read fails at once", async () => {
  const stream = new PassThrough();
  stream.destroy();
  expect(await codeOf(Promise.resolve(toReplayableBody(stream)))).toBe("BodySourceFailed");
});

interface Hanging {
  readonly body: RequestBody;
  readonly isEnded: () => boolean;
}

function hanging(): Record<string, Hanging> {
  const node = new PassThrough();
  let isCancelled = false;
  const web = new ReadableStream<Uint8Array>({
    cancel() {
      isCancelled = true;
    },
  });
  const made = new PassThrough();
  return {
    "Node stream": { body: node, isEnded: () => node.destroyed },
    "web stream": { body: web, isEnded: () => isCancelled },
    "function of a stream": { body: () => made, isEnded: () => made.destroyed },
  };
}

test.each(Object.entries(hanging()))(
  "the signal ends the wait for a %s that never gives anything, and lets go of it",
  async (_, { body, isEnded }) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const held = Promise.resolve(toReplayableBody(body, { signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 10);
    await expect(held).rejects.toMatchObject({ fields: { code: "Aborted", cause: reason } });
    await wait(10);
    expect(isEnded()).toBe(true);
  },
);

test.each(Object.entries(hanging()))(
  "a reader that is let go of in a pending read ends its %s",
  async (_, { body, isEnded }) => {
    const { source } = await openBody(body);
    const pending = source.next().catch(() => undefined);
    await turn();
    await source.return();
    await wait(10);
    expect(isEnded()).toBe(true);
    await pending;
  },
);

test("a stream that was never read is destroyed when its body is over", async () => {
  const stream = new PassThrough();
  const body = await toReplayableBody(stream, { length: 3 });
  body.end?.();
  await turn();
  expect(stream.destroyed).toBe(true);
});

test("what fails while a source is let go of is nobody's failure", async () => {
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<string>>(() => undefined),
      return: () => failing("EBADF"),
    }),
  };
  const { source } = await openBody(body);
  void source.next();
  await source.return();
  await wait(10);
});

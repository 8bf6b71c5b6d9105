import { readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { RemoteStoreError, type Store } from "@holdfast/store";
import { SftpDriver, type SftpDriverOptions } from "@holdfast/store/sftp";
import { leftovers } from "./fixture.ts";
import { failureOf, fixtureOf, storeOf, until } from "./in-test.ts";
import { keyPair } from "./key-pair.ts";
import { login } from "./sftp-server.ts";

/** That many bytes in pieces, and a wait before each. */
async function* slowly(pieces: number, ms: number): AsyncGenerator<Uint8Array> {
  for (let left = pieces; left > 0; left -= 1) {
    await after(ms);
    yield new Uint8Array(40_000).fill(left);
  }
}

test("an unknown server is refused before anyone logs in, and the error names the key that it has", async () => {
  const fixture = await fixtureOf();
  let logins = 0;
  fixture.server.acceptsLogin = () => {
    logins += 1;
    return true;
  };
  const known = fixture.server.fingerprint;
  for (const hostKey of [undefined, [], `SHA256:${"A".repeat(43)}`]) {
    const error = await failureOf(storeOf(fixture, { hostKey }).exists("f"));
    expect(error).toMatchObject({ name: "PermissionDenied", retryable: false, backend: "sftp" });
    expect(error.message).toContain(`ssh-ed25519 key ${known}`);
  }
  expect(logins).toBe(0);
});

test("a file of known hosts is what a server may be known by", async () => {
  const fixture = await fixtureOf();
  const { host, port } = fixture.server.address;
  const knownHosts = join(fixture.root, "..", "known_hosts");
  await writeFile(knownHosts, `[${host}]:${port} ${fixture.server.publicKey}\n`);
  const store = storeOf(fixture, { hostKey: undefined, knownHosts });
  expect(await store.exists("f")).toBe(false);
  await writeFile(knownHosts, `elsewhere ${fixture.server.publicKey}\n`);
  const other = storeOf(fixture, { hostKey: undefined, knownHosts });
  await expect(other.exists("f")).rejects.toMatchObject({ name: "PermissionDenied" });
});

test("a wrong password is PermissionDenied to every call, and stands in no error", async () => {
  const fixture = await fixtureOf();
  const password = "a wrong one";
  const store = storeOf(fixture, { password });
  const calls = [() => store.ping(), () => store.readText("f"), () => store.writeText("f", "")];
  for (const call of calls) {
    const error = await failureOf(call());
    expect(error).toMatchObject({ name: "PermissionDenied", retryable: false });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(password);
  }
  expect(inspect(new SftpDriver(fixture.options), { depth: 9, showHidden: true })).not.toContain(
    login.password,
  );
});

test("a private key logs in, also with a passphrase, and one that cannot be read is PermissionDenied", async () => {
  const fixture = await fixtureOf();
  fixture.server.acceptsLogin = ({ method }) => method === "publickey";
  const plain = keyPair().private;
  const passphrase = "open sesame";
  const encrypted = keyPair({
    passphrase,
    cipher: "aes256-cbc",
    rounds: 16,
  });
  const keyed = (more: Partial<SftpDriverOptions>): Store =>
    storeOf(fixture, { password: undefined, ...more });
  expect(await keyed({ privateKey: plain }).exists("f")).toBe(false);
  expect(await keyed({ privateKey: encrypted.private, passphrase }).exists("f")).toBe(false);
  for (const more of [
    { privateKey: encrypted.private },
    { privateKey: "none" },
    { agent: "/no" },
  ]) {
    const error = await failureOf(keyed(more).exists("f"));
    expect(error).toMatchObject({ name: "PermissionDenied", retryable: false });
  }
});

test("a server that asks by keyboard is answered with the password", async () => {
  const fixture = await fixtureOf();
  const answers: string[] = [];
  fixture.server.acceptsLogin = (context) => {
    if (context.method !== "keyboard-interactive") return false;
    context.prompt([{ prompt: "Password: ", echo: false }], (given) => {
      answers.push(...given);
      context.accept();
    });
    return "later";
  };
  expect(await fixture.store.exists("f")).toBe(false);
  expect(answers).toEqual([login.password]);
});

test("a port that nobody listens on, a name that nobody has and a server that says nothing are BackendUnavailable", async () => {
  const fixture = await fixtureOf();
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void silent.close());
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const unavailable = { name: "BackendUnavailable", retryable: true, ambiguous: false };
  for (const more of [{ port: 1 }, { host: "no.such.host.invalid" }, { port }]) {
    const store = storeOf(fixture, { ...more, connectTimeoutMs: 300 });
    await expect(store.readText("f")).rejects.toMatchObject({ ...unavailable, path: "f" });
    await expect(store.writeText("f", "")).rejects.toMatchObject(unavailable);
  }
});

test("a signal ends the wait for a connection, which others still get", async () => {
  const fixture = await fixtureOf();
  const reason = new Error("enough");
  const ending = new AbortController();
  const others = fixture.store.exists("f");
  const aborted = fixture.store.exists("f", { signal: ending.signal });
  ending.abort(reason);
  await expect(aborted).rejects.toMatchObject({ name: "Aborted", cause: reason });
  expect(await others).toBe(false);
  expect(fixture.server.connectionCount).toBe(1);
});

test("many calls at once share one connection, and it is made again after it broke", async () => {
  const { server, store } = await fixtureOf();
  const paths = Array.from({ length: 40 }, (_, index) => `d/${index}`);
  await Promise.all(paths.map((path) => store.writeText(path, path)));
  expect(await Promise.all(paths.map((path) => store.readText(path)))).toEqual(paths);
  expect(server.connectionCount).toBe(1);
  server.cut();
  await until(() => server.connections === 0);
  expect(await Promise.all(paths.map((path) => store.readText(path)))).toEqual(paths);
  expect(server.connectionCount).toBe(2);
});

test("a call that finds its idle connection dead is done on a new one, a write too", async () => {
  const { server, store } = await fixtureOf();
  await store.writeText("f", "old");
  const nextIs = (verdict: "cut-before" | "cut-after"): void => {
    let isDone = false;
    server.verdict = () => {
      if (isDone) return undefined;
      isDone = true;
      return verdict;
    };
  };
  nextIs("cut-before");
  expect(await store.readText("f")).toBe("old");
  nextIs("cut-after");
  await store.writeText("f", "new", { overwrite: true });
  nextIs("cut-before");
  await store.delete("f");
  expect(server.connectionCount).toBe(4);
});

test.each([
  ["hardlink@openssh.com", false],
  ["posix-rename@openssh.com", true],
] as const)(
  "a write whose %s is not answered may have happened, and says so",
  async (request, overwrite) => {
    for (const verdict of ["cut-before", "cut-after"] as const) {
      const { root, server, store } = await fixtureOf();
      if (overwrite) await store.writeText("f", "old");
      else await store.ping();
      server.verdict = (name) => (name === request ? verdict : undefined);
      const error = await failureOf(store.writeText("f", "new", { overwrite }));
      expect(error).toMatchObject({ name: "BackendUnavailable", ambiguous: true, retryable: true });
      server.verdict = () => undefined;
      const before = overwrite ? "old" : undefined;
      const expected = verdict === "cut-after" ? "new" : before;
      const found = await store.readText("f").catch(() => undefined);
      expect(found).toBe(expected);
      expect(await leftovers(root, store)).toEqual([]);
    }
  },
);

test("a connection that is lost before the name was given changed nothing, and says so", async () => {
  for (const request of ["open", "write", "fsync@openssh.com", "close"]) {
    const { root, server, store } = await fixtureOf();
    await store.writeText("d/f", "old");
    server.verdict = (name) => (name === request ? "cut-after" : undefined);
    for (const path of ["d/f", "new/f"]) {
      const error = await failureOf(store.writeText(path, "new", { overwrite: true }));
      expect(error).toMatchObject({ name: "BackendUnavailable", ambiguous: false });
    }
    server.verdict = () => undefined;
    expect(await store.readText("d/f")).toBe("old");
    expect(await leftovers(root, store)).toEqual([]);
    expect(await readdir(root)).toEqual(["d"]);
  }
});

const emptying: readonly [string, string, "cut-after" | "cut-before"][] = [
  ["delete", "remove", "cut-after"],
  ["delete", "rmdir", "cut-before"],
  ["deleteFolder", "rmdir", "cut-after"],
  ["move", "mkdir", "cut-after"],
  ["move", "rmdir", "cut-before"],
];

const calls: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  delete: (store) => store.delete("a/f"),
  deleteFolder: (store) => store.deleteFolder("b/c", { recursive: true }),
  move: (store) => store.move("a/f", "new/f"),
};

test.each(emptying)(
  "no folder without a file stays when the connection of a %s is lost at its %s (%s)",
  async (operation, request, verdict) => {
    const { root, server, store } = await fixtureOf();
    await store.writeText("a/f", "");
    await store.writeText("b/c/f", "");
    await store.writeText("d/g", "");
    let isCut = false;
    server.verdict = (name) => {
      if (name !== request || isCut) return undefined;
      isCut = true;
      return verdict;
    };
    await calls[operation]?.(store).catch((error: unknown) => {
      if (!RemoteStoreError.is(error)) throw error;
    });
    expect(isCut).toBe(true);
    await store.exists("d/g");
    expect(await leftovers(root, store)).toEqual([]);
  },
);

test("what a lost connection left is taken away when the store is closed, if not before", async () => {
  const { root, server, store } = await fixtureOf();
  await store.ping();
  server.verdict = (name) => (name === "write" ? "cut-after" : undefined);
  await failureOf(store.writeText("d/f", "new"));
  server.verdict = () => undefined;
  expect((await readdir(root, { recursive: true })).length).toBe(2);
  await store.close();
  expect(await readdir(root)).toEqual([]);
});

test("closing a store ends its writes, which leave nothing", async () => {
  const { root, server, store } = await fixtureOf();
  const written = failureOf(store.write("d/f", slowly(1000, 5)));
  await until(() => (server.counts.get("write") ?? 0) > 3);
  await store.close();
  expect(await written).toMatchObject({ name: "Closed" });
  expect(await readdir(root)).toEqual([]);
  await until(() => server.connections === 0);
});

test("a server that owes an answer and gives none is a timeout, and a signal need not wait for it", async () => {
  const fixture = await fixtureOf({ replyTimeoutMs: 3_000 });
  await fixture.store.writeText("f", "old");
  fixture.server.verdict = () => "stall";
  const waiting = AbortSignal.timeout(50);
  await expect(fixture.store.readText("f", { signal: waiting })).rejects.toMatchObject({
    name: "Aborted",
  });
  const unavailable = { name: "BackendUnavailable", retryable: true };
  await expect(fixture.store.readText("f")).rejects.toMatchObject(unavailable);
  fixture.server.verdict = () => undefined;
  expect(await fixture.store.readText("f")).toBe("old");
});

test("a write whose source hangs ends when the connection is lost", async () => {
  const { server, store, root } = await fixtureOf();
  async function* hanging(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(100_000);
    await new Promise(() => {});
  }
  const written = failureOf(store.write("f", hanging()));
  await until(() => (server.counts.get("write") ?? 0) > 2);
  server.cut();
  expect(await written).toMatchObject({ name: "BackendUnavailable", ambiguous: false });
  expect(await leftovers(root, store)).toEqual([]);
});

test("nothing stays open on the server: not after reads that are left, aborted or fail, nor after writes", async () => {
  const { server, store } = await fixtureOf();
  const big = new Uint8Array(6_000_000).fill(7);
  await store.write("big", big);
  for await (const piece of await store.read("big")) if (piece.byteLength > 0) break;
  await (await store.read("big")).dispose();
  await store.readBytes("big", { offset: 5, length: 100_000 });
  const ending = new AbortController();
  const stream = await store.read("big", { signal: ending.signal });
  const read = failureOf(stream.bytes());
  ending.abort();
  await read;
  await expect(store.readText("big", { ifMatch: "no" })).rejects.toMatchObject({
    name: "PreconditionFailed",
  });
  const opening = new AbortController();
  server.verdict = (name) => {
    if (name === "open") opening.abort();
    return undefined;
  };
  const { signal: whileOpening } = opening;
  await expect(store.read("big", { signal: whileOpening })).rejects.toMatchObject({
    name: "Aborted",
  });
  const signals = Array.from({ length: 20 }, (_, index) => AbortSignal.timeout(index));
  await Promise.allSettled(
    signals.flatMap((signal, index) => [
      store.write(`w/${index}`, slowly(3, 5), { signal }),
      store.readBytes("big", { signal }),
      store.copy("big", `c/${index}`, { signal }),
    ]),
  );
  const listing = store.listFiles("");
  await listing.next();
  await listing.return(undefined);
  await until(() => server.openHandles === 0);
  expect(server.connectionCount).toBe(1);
});

test("a connection that nobody uses is closed, but not under a read that pauses", async () => {
  const { server, store } = await fixtureOf({ idleMs: 60 });
  await store.write("f", new Uint8Array(5_000_000));
  const stream = await store.read("f");
  await after(300);
  expect(server.connections).toBe(1);
  expect((await stream.bytes()).byteLength).toBe(5_000_000);
  await until(() => server.connections === 0);
  expect(await store.exists("f")).toBe(true);
});

test("a server without the extensions is refused, and the error says what would do", async () => {
  const fixture = await fixtureOf({ server: "sftp3" });
  await fixture.store.writeText("f", "one");
  await fixture.store.writeText("f", "two", { overwrite: true });
  expect(await fixture.store.readText("f")).toBe("two");
  const error = await failureOf(storeOf(fixture, { server: "openssh" }).readText("f"));
  expect(error).toMatchObject({ name: "CapabilityNotSupported", capability: "atomic_write" });
  expect(error.message).toContain('server: "sftp3"');
  await expect(fixture.store.writeAtomic("f", new Uint8Array())).rejects.toMatchObject({
    name: "CapabilityNotSupported",
  });
});

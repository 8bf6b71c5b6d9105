import assert from "node:assert/strict";
import { inspect } from "node:util";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Cell, Fixture, Subject } from "./cell.ts";
import { pieces } from "./content.ts";
import { all } from "./expect-failure.ts";
import { seed } from "./seed.ts";

type Failing = () => Promise<unknown>;

/** Calls that fail, each in another way. Which way is not the point here. */
function failingCalls({ store }: Fixture): readonly Failing[] {
  const overwrite = true;
  return [
    () => store.read("no/such"),
    () => store.read("d"),
    () => store.readText("../x"),
    () => store.readJson(""),
    () => store.getFileInfo("no"),
    () => store.getFolderInfo("f"),
    () => store.writeText("f", "new"),
    () => store.write("g", pieces(10, new Error("the caller's own")), { overwrite }),
    () => store.writeText("f", "new", { ifMatch: '"no"' }),
    () => store.readBytes("f", { offset: -1 }),
    () => store.readBytes("f", { signal: AbortSignal.abort() }),
    () => store.delete("no"),
    () => store.deleteFolder("d"),
    () => store.copy("no", "g"),
    () => store.move("f", ""),
    () => all(store.listFiles("a/../b")),
  ];
}

/** Every error that comes up, which must come up. */
async function errorsOf(calls: readonly Failing[]): Promise<readonly RemoteStoreError[]> {
  const errors: RemoteStoreError[] = [];
  for (const call of calls) {
    const error: unknown = await call().then(
      () => assert.fail("it succeeded"),
      (failed: unknown) => failed,
    );
    assert.ok(RemoteStoreError.is(error), `${inspect(error)} is no error of a store`);
    errors.push(error);
  }
  return errors;
}

function checkMessage(error: RemoteStoreError): void {
  const { backend, message, name, operation, path } = error;
  const printed = [error.toString(), inspect(error)];
  assert.match(message, /\S/);
  for (const [field, value] of Object.entries({ backend, operation, path })) {
    assert.equal(typeof value, "string", `${error.toString()} has no ${field}`);
    for (const text of printed) {
      assert.ok(text.includes(JSON.stringify(value)) || text.includes(`'${value}'`), text);
    }
  }
  for (const text of printed) assert.ok(text.includes(name) && text.includes(message), text);
  assert.equal(error.toString().includes("\n"), false);
  const json: unknown = JSON.parse(JSON.stringify(error));
  assert.ok(typeof json === "object" && json !== null && "name" in json && json.name === name);
}

function checkSecrets(error: RemoteStoreError, { secrets = [] }: Subject): void {
  const depth = 10;
  const texts = [error, error.cause].flatMap((value) => [
    inspect(value, { depth, showHidden: true }),
    String(value),
    JSON.stringify(value) ?? "",
  ]);
  for (const secret of secrets) {
    assert.ok(!texts.some((text) => text.includes(secret)), `${error.name} shows a secret`);
  }
}

/** What every error says, and what none does. */
export const messages: readonly Cell[] = [
  {
    id: "message.contract",
    promise:
      "ERR-009: every error says in one line its name, why, the path, the backend and the operation",
    async run(fixture) {
      await seed(fixture, { f: "old", "d/f": "old" });
      for (const error of await errorsOf(failingCalls(fixture))) checkMessage(error);
    },
  },
  {
    id: "message.kinds",
    promise: "ERR-008: every error is of one class, directly beneath the one root",
    async run(fixture) {
      await seed(fixture, { f: "old", "d/f": "old" });
      for (const error of await errorsOf(failingCalls(fixture))) {
        const { prototype } = RemoteStoreError;
        const own: unknown = Object.getPrototypeOf(error);
        assert.ok(own === prototype || Object.getPrototypeOf(own) === prototype);
        assert.equal(typeof error.retryable, "boolean");
      }
    },
  },
  {
    id: "message.secrets",
    promise: "no error shows a secret, nor does its cause, however it is printed",
    async run(fixture, subject) {
      await seed(fixture, { f: "old", "d/f": "old" });
      const errors = await errorsOf(failingCalls(fixture));
      for (const error of errors) checkSecrets(error, subject);
    },
  },
  {
    id: "message.denied",
    promise: "a refusal says what was refused, and shows no secret either",
    hands: ["denyAll"],
    async run(fixture, subject) {
      const { denyAll, store } = fixture;
      await denyAll?.();
      const errors = await errorsOf([() => store.exists("f"), () => store.isFolder("d/e")]);
      for (const error of errors) {
        checkMessage(error);
        checkSecrets(error, subject);
      }
    },
  },
  {
    id: "message.faults",
    promise: "an outage says what was under way, and shows no secret either",
    hands: ["reset", "unavailable", "throttled"],
    async run(fixture, subject) {
      const { faultNext, store } = fixture;
      const faults = ["reset", "unavailable", "throttled"] as const;
      const calls = faults.map((fault) => async (): Promise<unknown> => {
        await faultNext?.(fault);
        return store.exists("f");
      });
      for (const error of await errorsOf(calls)) {
        checkMessage(error);
        checkSecrets(error, subject);
        const said = [error.cause, error.status, error.code].some((one) => one !== undefined);
        assert.ok(said, `${error.toString()} has nothing of what the backend said`);
      }
    },
  },
];

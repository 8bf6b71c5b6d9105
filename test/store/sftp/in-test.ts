import { inspect } from "node:util";
import { expect, onTestFinished } from "vitest";
import { RemoteStoreError, Store } from "@holdfast/store";
import { SftpDriver, type SftpDriverOptions } from "@holdfast/store/sftp";
import { eventually } from "../../proofs/eventually.ts";
import { fixtureOn, type SftpFixture } from "./fixture.ts";

/** A server with a store on it, until the test ends. */
export async function fixtureOf(more: Partial<SftpDriverOptions> = {}): Promise<SftpFixture> {
  const fixture = await fixtureOn(more);
  onTestFinished(() => fixture.end());
  return fixture;
}

/** Another store on the same server, until the test ends. */
export function storeOf({ options }: SftpFixture, more: Partial<SftpDriverOptions>): Store {
  const store = Store.over(new SftpDriver({ ...options, ...more }));
  onTestFinished(() => store.close());
  return store;
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  expect(await eventually(holds, true)).toBe(true);
}

/** The store's error that the work fails with. */
export async function failureOf(work: Promise<unknown>): Promise<RemoteStoreError> {
  const error = await work.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  if (RemoteStoreError.is(error)) return error;
  throw new Error(`no store error: ${inspect(error)}`);
}

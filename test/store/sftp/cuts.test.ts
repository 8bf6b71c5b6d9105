import { setTimeout as after } from "node:timers/promises";
import { expect, test } from "vitest";
import { RemoteStoreError } from "@holdfast/store";
import { leftovers } from "./fixture.ts";
import { fixtureOf } from "./in-test.ts";

const cuts = Number(process.env["HOLDFAST_SFTP_CUTS"] ?? 60);

/** One byte repeated; which, and how often, says which write it was. */
function contentOf(count: number): Uint8Array {
  return new Uint8Array(400_000 + count).fill(count % 251);
}

test(`${cuts} times the connection is cut in the middle of a write: the file is whole, the old one or the new one, and nothing is left`, async () => {
  const { root, server, store } = await fixtureOf();
  await store.write("d/f", contentOf(0));
  const seen = { stored: 0, refused: 0, ambiguous: 0 };
  let current = 0;
  for (let count = 1; count <= cuts; count += 1) {
    const cutting = after(Math.random() * 25).then(() => server.cut());
    let possible: readonly number[] = [count];
    try {
      await store.write("d/f", contentOf(count), { overwrite: true });
      seen.stored += 1;
    } catch (error) {
      if (!RemoteStoreError.is(error)) throw error;
      expect(error).toMatchObject({ name: "BackendUnavailable", retryable: true, path: "d/f" });
      seen[error.ambiguous ? "ambiguous" : "refused"] += 1;
      possible = error.ambiguous ? [current, count] : [current];
    }
    await cutting;
    const bytes = await store.readBytes("d/f");
    current = bytes.byteLength - 400_000;
    expect(possible).toContain(current);
    expect(bytes.every((byte) => byte === current % 251)).toBe(true);
    expect(await leftovers(root, store)).toEqual([]);
  }
  console.log(
    `${cuts} cuts: ${seen.stored} writes were done by then, ${seen.refused} changed nothing, ${seen.ambiguous} were not known`,
  );
}, 300_000);

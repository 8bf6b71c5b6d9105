import type { Engine } from "@holdfast/engine";
import { expect, onTestFinished, test } from "vitest";
import { leftoversOf } from "./leftovers.ts";
import { openLab } from "./start-lab.ts";

const bucket = "data";

/** An engine with two open uploads, one of which ends, or whose bucket goes, once the call of that name has answered. */
async function engineThatChangesAfter(
  name: "listBuckets" | "listUploads",
  change: "upload" | "bucket",
): Promise<Engine> {
  const { lab, engine } = await openLab({ buckets: [bucket] });
  onTestFinished(() => lab.close());
  const metadata = { system: {}, user: {} };
  const [ended] = [
    await engine.createUpload({ bucket, key: "ended", metadata }),
    await engine.createUpload({ bucket, key: "left", metadata }),
  ];
  const happen = (): Promise<void> =>
    change === "upload" ? engine.abortUpload(ended) : engine.deleteBucket(bucket);
  return new Proxy(engine, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== "function") return method;
      return async (...parameters: unknown[]): Promise<unknown> => {
        const answer: unknown = await Reflect.apply(method, target, parameters);
        if (property === name) await happen();
        return answer;
      };
    },
  });
}

test.each([
  ["listUploads", "upload", ["left"]],
  ["listUploads", "bucket", []],
  ["listBuckets", "bucket", []],
] as const)(
  "what goes away while it is looked at is not left: behind %s, the %s",
  async (call, change, left) => {
    const engine = await engineThatChangesAfter(call, change);
    const { uploads } = await leftoversOf(engine, []);
    expect(uploads.map(({ key }) => key)).toEqual(left);
  },
);

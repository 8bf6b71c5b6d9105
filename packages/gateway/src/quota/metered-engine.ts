import type { Body, Engine, ObjectInfo } from "@holdfast/engine";
import { s3Error } from "@holdfast/protocol";
import { metered } from "./metered.ts";
import type { Change, Quotas, Standing } from "./quotas.ts";
import { objectSlot, partSlot, uploadSlot, type Slot } from "./slot.ts";

/** An engine, and how the bucket stands behind the last write through it. */
export interface MeteredEngine extends Engine {
  readonly standing: () => Standing | undefined;
}

/** A source that is written anew each time is given up. */
const copyTriesMax = 5;

/**
 * The engine, as a request to a bucket with a quota sees it: what adds bytes has them set aside before the first one is
 * asked for, and all that changes what the bucket holds is counted before it is answered.
 */
export function meterEngine(engine: Engine, quotas: Quotas): MeteredEngine {
  let last: Standing | undefined;

  /** The engine tells from memory what it holds, so nothing has to be worked out. */
  const write = async <T>(change: Change, carryOut: () => Promise<T>): Promise<T> => {
    const { value, standing } = await quotas.write(change, async () => {
      return { value: await carryOut(), outcome: "unknown" };
    });
    last = standing;
    return value;
  };

  /** A body whose size nobody told is metered while it comes. */
  const receive = async <T extends { readonly size: number }>(
    slot: Slot,
    { body, size }: { readonly body: Body; readonly size: number | undefined },
    store: (body: Body) => Promise<T>,
  ): Promise<T> => {
    const change = { slots: [slot], bytes: size ?? 0 } as const;
    const { value, standing } = await quotas.write(change, async (grow) => {
      const stored = await store(size === undefined ? metered(body, grow) : body);
      return { value: stored, outcome: { bytes: stored.size } };
    });
    last = standing;
    return value;
  };

  return {
    ...engine,
    standing: () => last,
    async deleteBucket(bucket) {
      await engine.deleteBucket(bucket);
      await quotas.forget(bucket);
    },
    putObject: (input) =>
      receive(objectSlot(input.bucket, input.key), input, (body) =>
        engine.putObject({ ...input, body }),
      ),
    putPart: (input) =>
      receive(partSlot(input, input.partNumber), input, (body) =>
        engine.putPart({ ...input, body }),
      ),
    copyObject: (input) => copyMetered(engine, input, write),
    deleteObject: (input) =>
      write({ slots: [objectSlot(input.bucket, input.key)], bytes: 0 }, () =>
        engine.deleteObject(input),
      ),
    deleteObjects(bucket, deletes) {
      const keys = new Set(deletes.map(({ key }) => key));
      const [first, ...others] = Array.from(keys, (key) => objectSlot(bucket, key));
      if (first === undefined) return engine.deleteObjects(bucket, deletes);
      return write({ slots: [first, ...others], bytes: 0 }, () =>
        engine.deleteObjects(bucket, deletes),
      );
    },
    completeUpload: (input) =>
      write({ slots: [objectSlot(input.bucket, input.key), uploadSlot(input)], bytes: 0 }, () =>
        engine.completeUpload(input),
      ),
    abortUpload: (input) =>
      write({ slots: [uploadSlot(input)], bytes: 0 }, () => engine.abortUpload(input)),
  };
}

type Write = <T>(change: Change, carryOut: () => Promise<T>) => Promise<T>;

/** Room is found for the source as it is; should it be written anew and larger meanwhile, room is looked for again. */
async function copyMetered(
  engine: Engine,
  input: Parameters<Engine["copyObject"]>[0],
  write: Write,
): Promise<ObjectInfo> {
  const { bucket, key, source } = input;
  for (let tries = 1; ; tries += 1) {
    const { size: bytes } = await engine.headObject(source.bucket, source.key);
    let hasGrown = false;
    const sourcePrecondition = (found: ObjectInfo): void => {
      input.sourcePrecondition?.(found);
      hasGrown = found.size > bytes;
      if (hasGrown) throw s3Error("OperationAborted");
    };
    try {
      return await write({ slots: [objectSlot(bucket, key)], bytes }, () =>
        engine.copyObject({ ...input, sourcePrecondition }),
      );
    } catch (error) {
      if (!hasGrown || tries === copyTriesMax) throw error;
    }
  }
}

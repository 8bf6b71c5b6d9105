import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { IteratedBody } from "../bodies/iterated-body.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { DiskCache } from "./disk-cache.ts";
import { withFallback, type FallbackInput, type ObjectSource } from "./fallback.ts";

const input: FallbackInput = { bucket: "photos", key: "cat.jpg" };

async function* cat() {
  yield Buffer.from("cat");
}

/** A source that gives the object, or fails with a code. */
function switched() {
  const state: { readonly source: ObjectSource; code?: string } = {
    source: {
      async getObject() {
        const context = { operation: "GetObject", ...input };
        const { code } = state;
        if (code !== undefined)
          throw toS3Error({ code }, { context, history: [], ambiguous: false });
        return { body: new IteratedBody(cat(), () => Promise.resolve()) };
      },
    },
  };
  return state;
}

async function rig() {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-refusals-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const primary = switched();
  const errors: unknown[] = [];
  const cache = new DiskCache({ directory, onError: (error) => errors.push(error) });
  const sources = [{ name: "primary", source: primary.source }];
  const objects = withFallback({ sources, cache });
  const { body } = await objects.getObject(input);
  expect(await body.text()).toBe("cat");
  return { primary, objects, directory, errors };
}

test("an entry that another process took away is one that is not there, and no failure", async () => {
  const { primary, objects, directory, errors } = await rig();
  for (const name of await readdir(directory)) await rm(join(directory, name));
  primary.code = "ECONNREFUSED";
  await expect(objects.getObject(input)).rejects.toMatchObject({ name: "FallbackError" });
  expect(errors).toEqual([]);
});

test.each(["NoSuchKey", "AccessDenied"])(
  "what a source has answered with %s is not served later either, when none answers",
  async (code) => {
    const { primary, objects, directory } = await rig();
    primary.code = code;
    await expect(objects.getObject(input)).rejects.toMatchObject({ errorCode: code });
    primary.code = "ECONNREFUSED";
    await expect(objects.getObject(input)).rejects.toMatchObject({ name: "FallbackError" });
    expect(await readdir(directory)).toEqual([]);
  },
);

test.each(["Aborted", "InvalidArgument", "RequestTimeTooSkewed"])(
  "%s says nothing of the object: it is still served when no source answers",
  async (code) => {
    const { primary, objects } = await rig();
    primary.code = code;
    await expect(objects.getObject(input)).rejects.toMatchObject({ errorCode: code });
    primary.code = "ECONNREFUSED";
    expect(await objects.getObject(input)).toMatchObject({ source: "cache" });
  },
);

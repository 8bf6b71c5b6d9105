import { expect, expectTypeOf, test } from "vitest";
import { toS3Error } from "../errors/to-s3-error.ts";
import { s3Retry } from "./s3-retry.ts";

// As a decorator it is tested in test/docs, on compiled code: Vitest leaves decorators as they are.

const broken = () =>
  toS3Error(
    { code: "InternalError", status: 500 },
    { context: { operation: "PutObject" }, history: [], ambiguous: false },
  );

test("a plain function is wrapped with its type and its name", async () => {
  let tries = 0;
  async function double(factor: number): Promise<number> {
    tries += 1;
    if (tries === 1) throw broken();
    return factor * 2;
  }
  const retried = s3Retry({ baseDelay: 0 })(double);
  expectTypeOf(retried).parameters.toEqualTypeOf<[factor: number]>();
  expect(await retried(21)).toBe(42);
  expect(tries).toBe(2);
  expect(retried.name).toBe("double");
});

test("it ends with the last error, which has every try", async () => {
  const failing = s3Retry({ maxRetries: 2, baseDelay: 0 })(() => Promise.reject(broken()));
  await expect(failing()).rejects.toMatchObject({ name: "S3ServerError", attempts: 3 });
});

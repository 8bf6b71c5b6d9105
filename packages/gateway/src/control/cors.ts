import { s3Error, type CorsRule } from "@holdfast/protocol";
import { change, type ControlContext } from "./change.ts";
import { ControlError } from "./control-error.ts";
import { checked, inputs } from "./input.ts";

/**
 * Sets the CORS rules of a bucket in place of those that it had; undefined removes them. The rules are checked ones.
 * Requests of S3 come here, too: a database that cannot do it now is their `ServiceUnavailable`.
 */
export async function setCors(
  context: ControlContext,
  name: unknown,
  rules: readonly CorsRule[] | undefined,
): Promise<void> {
  const bucket = checked(inputs.bucket, name);
  try {
    await change(context, async (tx) => {
      await tx.deleteFrom("cors").where("bucket", "=", bucket).execute();
      if (rules === undefined) return;
      await tx
        .insertInto("cors")
        .values({ bucket, rules: JSON.stringify(rules) })
        .execute();
    });
  } catch (cause) {
    if (!(cause instanceof ControlError) || cause.code !== "unavailable") throw cause;
    throw s3Error("ServiceUnavailable", undefined, { cause, reason: "control_unavailable" });
  }
}

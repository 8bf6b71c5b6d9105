import { ControlError, type ControlErrorCode } from "../control/control-error.ts";

/** Waits for a deletion; that there was nothing to delete, by one of these codes, is as good. */
export async function idempotent(
  deletion: Promise<void>,
  ...absent: readonly ControlErrorCode[]
): Promise<void> {
  await deletion.catch((cause: unknown) => {
    if (!(cause instanceof ControlError) || !absent.includes(cause.code)) throw cause;
  });
}

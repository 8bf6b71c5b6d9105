import { DriverFailure } from "../../errors/driver-failure.ts";
import { failureOfErrno } from "./errno.ts";

/** Does what follows a step that is seen by everybody and may yet not outlast a power cut: its failure is `ambiguous`. */
export async function afterwards(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message, cause, ...failure } = failureOfErrno(error);
    throw new DriverFailure({ ...failure, message, cause, ambiguous: true });
  }
}

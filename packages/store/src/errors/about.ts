import { DriverFailure, type Failure, type FailureKind } from "./driver-failure.ts";

/** The same failure, of that path, or known by now to be of another kind. */
export function about(
  failure: Failure,
  path: string | undefined,
  kind: FailureKind = failure.kind,
): DriverFailure {
  const { message, retryable, cause } = failure;
  const isSame = kind === failure.kind;
  return new DriverFailure({
    ...failure,
    kind,
    message: isSame ? message : undefined,
    retryable: isSame ? retryable : undefined,
    path,
    cause,
  });
}

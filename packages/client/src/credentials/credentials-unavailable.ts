import { WireFailure } from "../errors/wire-failure.ts";

/** The failure of a source of credentials. Neither the message nor the cause may hold a secret. */
export function credentialsUnavailable(message: string, cause?: unknown): WireFailure {
  return new WireFailure({ code: "CredentialsUnavailable", message, cause });
}

import { controlErrors } from "../control/control-error.ts";

interface AdminErrorRow {
  readonly status: number;
  /** What it means, as a sentence for who asked. */
  readonly message: string;
}

/** Every code that can stand in an answer of the admin API. Nothing else states its status or meaning. */
export const adminErrors = {
  ...controlErrors,
  bad_json: { status: 400, message: "The body is not one JSON document in UTF-8." },
  bad_page_token: { status: 400, message: "The page token is none that this list gave out." },
  bad_request: { status: 400, message: "The request is malformed." },
  body_too_large: { status: 413, message: "The body is larger than 64 KiB." },
  host_not_allowed: {
    status: 421,
    message: "The request was made for a name that is not this listener's.",
  },
  internal: { status: 500, message: "The server failed at it; its log says why." },
  method_not_allowed: { status: 405, message: "The path does not take this method." },
  missing_field: { status: 400, message: "A value is missing." },
  no_such_bucket: { status: 404, message: "There is no bucket of this name." },
  no_such_path: { status: 404, message: "The API has no such path." },
  no_such_upstream: { status: 404, message: "The configuration names no such upstream." },
  unauthorized: { status: 401, message: "The request carries no valid admin token." },
  unknown_field: { status: 400, message: "There is no field of this name." },
  unsupported_media_type: { status: 415, message: "The body is not declared application/json." },
} as const satisfies Record<string, AdminErrorRow>;

export type AdminErrorCode = keyof typeof adminErrors;

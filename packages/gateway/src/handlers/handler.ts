import type { Engine } from "@holdfast/engine";
import type { Authorized, Reply } from "../context.ts";

/** One S3 operation: from an authorized request to an answer, or an `S3Error`. */
export type Handler = (request: Authorized, engine: Engine) => Promise<Reply>;

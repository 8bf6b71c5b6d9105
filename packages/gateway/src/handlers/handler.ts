import type { Engine } from "@holdfast/engine";
import type { Control } from "../access/control.ts";
import type { Authorized, Reply } from "../context.ts";

/** One S3 operation: from an authorized request to an answer, or an `S3Error`. */
export type Handler = (request: Authorized, engine: Engine, control: Control) => Promise<Reply>;

/** One operation on the settings of a bucket that exists. The control plane keeps them, wherever the objects are. */
export type SettingHandler = (request: Authorized, control: Control) => Promise<Reply>;

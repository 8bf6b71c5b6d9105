import * as v from "valibot";
import type { AdminErrorCode } from "./catalogue.ts";
import type { AdminParts } from "./parts.ts";
import { checked } from "./checked.ts";
import { fields } from "./schemas/fields.ts";

/** What a request gives, before any of it was looked at. */
export interface RawCall {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Aborted when whoever asked has left. */
  readonly signal: AbortSignal;
}

interface Call<P extends v.GenericSchema, Q extends v.GenericSchema, B extends v.GenericSchema> {
  readonly path: v.InferOutput<P>;
  readonly query: v.InferOutput<Q>;
  readonly body: v.InferOutput<B>;
  readonly signal: AbortSignal;
}

/** An answer that is not one JSON document. */
export interface Page {
  readonly status?: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string | AsyncIterable<string>;
}

/** Whose requests are answered without the token: nobody's, this machine's own, everybody's. */
type Openness = "token" | "machine" | "open";

interface Described {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `{name}` stands for one segment, decoded. */
  readonly pattern: string;
  /** What the OpenAPI document and the audit call it. */
  readonly name: string;
  readonly summary: string;
  readonly status: number;
  readonly openness?: Openness;
  /** Beside those that every request can meet. */
  readonly errors?: readonly AdminErrorCode[];
  /** Of an answer that is not JSON: its media types. */
  readonly pages?: readonly string[];
}

/** One row of the API: what the router, the checks, the OpenAPI document and the reference all read. */
export interface RouteRow extends Described {
  readonly path: v.GenericSchema;
  readonly query: v.GenericSchema;
  readonly body: v.GenericSchema;
  /** Undefined when there is none, or one that is not JSON. */
  readonly answer: v.GenericSchema | undefined;
  /** Checks what was given, then does it; rejects with an `AdminError` or with what the server failed at. */
  readonly run: (call: RawCall, parts: AdminParts) => Promise<unknown>;
}

/** A row with what it works on. */
export interface Route extends Omit<RouteRow, "run"> {
  readonly run: (call: RawCall) => Promise<unknown>;
}

interface RouteSpec<
  P extends v.GenericSchema,
  Q extends v.GenericSchema,
  B extends v.GenericSchema,
  A extends v.GenericSchema,
> extends Described {
  readonly path: P;
  readonly query: Q;
  readonly body: B;
  readonly answer?: A;
  readonly run: (call: Call<P, Q, B>, parts: AdminParts) => Promise<v.InferInput<A> | Page | void>;
}

/** Of a row that takes nothing there. */
export const nothing = v.optional(fields({}));

/** A row, with the types of what it takes and gives worked out from its schemas. */
export function route<
  P extends v.GenericSchema,
  Q extends v.GenericSchema,
  B extends v.GenericSchema,
  A extends v.GenericSchema,
>(spec: RouteSpec<P, Q, B, A>): RouteRow {
  return {
    ...spec,
    answer: spec.answer,
    run: async (call, parts) => {
      const path = checked(spec.path, call.path);
      const query = checked(spec.query, call.query);
      const body = checked(spec.body, call.body);
      return await spec.run({ path, query, body, signal: call.signal }, parts);
    },
  };
}

import { s3Error, type S3Error } from "../errors/s3-error.ts";
import type { OperationRow, TargetKind } from "./row.ts";
import {
  operationNames,
  operations,
  unimplementedSubresources,
  type OperationName,
} from "./table.ts";

/** What of a request decides which operation it is. */
export interface RequestShape {
  readonly method: string;
  readonly target: TargetKind;
  readonly query: ReadonlyMap<string, string>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The code of a method that no row has. */
  readonly unknownShapeCode: "InvalidRequest" | "MethodNotAllowed";
}

interface Candidate {
  readonly name: OperationName;
  readonly requires: readonly (readonly [name: string, value: string | undefined])[];
  readonly header: string | undefined;
  readonly allowed: ReadonlySet<string>;
}

/** The table by method and target, the most demanding row first. */
const candidates = new Map<string, Candidate[]>();
for (const name of operationNames) {
  const row: OperationRow = operations[name];
  const requires = (row.requires ?? []).map((required) => {
    const [parameter = "", value] = required.split("=", 2);
    return [parameter, value] as const;
  });
  const allowed = new Set([...requires.map(([parameter]) => parameter), ...(row.takes ?? [])]);
  const slot = `${row.method} ${row.target}`;
  const others = candidates.get(slot) ?? [];
  const demands = (one: Candidate): number =>
    one.requires.length + (one.header === undefined ? 0 : 1);
  const all = [...others, { name, requires, header: row.header, allowed }];
  candidates.set(
    slot,
    all.toSorted((a, b) => demands(b) - demands(a)),
  );
}

/**
 * Which operation a request is. Throws `NotImplemented` for a part of S3 that Holdfast lacks,
 * `MethodNotAllowed` where no row has the method (in the `documented` profile `InvalidRequest`, as the
 * proxy document says of every unrecognised shape), and `InvalidRequest` or `InvalidArgument` for
 * parameters that fit no row.
 */
export function identify(shape: RequestShape): OperationName {
  const rows = candidates.get(`${shape.method} ${shape.target}`);
  const found = rows?.find((row) => fits(row, shape));
  for (const parameter of shape.query.keys()) {
    if (found?.allowed.has(parameter) === true) continue;
    if (unimplementedSubresources.has(parameter)) throw notImplemented(parameter);
  }
  if (found === undefined) throw methodNotAllowed(shape);
  if (shape.headers["x-amz-copy-source"] !== undefined && found.header !== "x-amz-copy-source") {
    throw unknownShape("x-amz-copy-source has no meaning in this request.");
  }
  for (const parameter of shape.query.keys()) {
    if (!found.allowed.has(parameter) && !isIgnored(parameter)) throw misplaced(parameter, shape);
  }
  return found.name;
}

function fits(row: Candidate, { query, headers }: RequestShape): boolean {
  if (row.header !== undefined && headers[row.header] === undefined) return false;
  return row.requires.every(([parameter, value]) => {
    const given = query.get(parameter);
    return given !== undefined && (value === undefined || given === value);
  });
}

/** S3 ignores parameters that start with `x-`; the signature's own were read before. */
function isIgnored(parameter: string): boolean {
  return parameter.startsWith("x-") || parameter.startsWith("X-Amz-");
}

function notImplemented(parameter: string): S3Error {
  return s3Error("NotImplemented", undefined, {
    message: `This server does not implement the S3 subresource or parameter '${parameter}'.`,
    extra: { ResourceType: parameter.toUpperCase() },
  });
}

function methodNotAllowed({ method, target, unknownShapeCode }: RequestShape): S3Error {
  const allow = [...candidates.keys()]
    .filter((slot) => slot.endsWith(` ${target}`))
    .map((slot) => slot.slice(0, slot.indexOf(" ")));
  const options = {
    reason: "unknown_operation",
    message: `The method ${method} has no meaning for this resource and these parameters.`,
    headers: { allow: [...new Set(allow)].join(", ") },
  };
  const details = { Method: method, ResourceType: target.toUpperCase() };
  if (unknownShapeCode === "MethodNotAllowed") return s3Error(unknownShapeCode, details, options);
  return s3Error(unknownShapeCode, undefined, { ...options, extra: details });
}

function misplaced(parameter: string, shape: RequestShape): S3Error {
  if (parameter === "uploadId" && shape.method === "PUT") return methodNotAllowed(shape);
  if (parameter !== "partNumber" && parameter !== "uploadId") {
    return unknownShape(`The query parameter '${parameter}' has no meaning here.`);
  }
  return s3Error("InvalidArgument", undefined, {
    reason: "unknown_operation",
    message: `The query parameter '${parameter}' has no meaning without its counterpart.`,
    extra: { ArgumentName: parameter, ArgumentValue: "" },
  });
}

function unknownShape(message: string): S3Error {
  return s3Error("InvalidRequest", undefined, { message, reason: "unknown_operation" });
}

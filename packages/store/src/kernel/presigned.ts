import { isPresigning, type PresignedRequest, type PresignOptions } from "../driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { attributesOf } from "./attributes.ts";
import type { CallSpec, Kernel } from "./kernel.ts";
import { checkCount, type CallOptions } from "./reads.ts";

const expiresInDefault = 3600;

/** For how long others may read. */
export interface PresignGetOptions extends CallOptions {
  /** In seconds, from 1; 3,600 by default. */
  readonly expiresIn?: number | undefined;
}

/** For how long others may write, and what. */
export interface PresignPutOptions extends PresignGetOptions {
  /** What has to be sent as the type. */
  readonly contentType?: string | undefined;
}

/** Signs a request for a file. */
export function presigned(
  kernel: Kernel,
  path: string,
  {
    method,
    options,
  }: { readonly method: PresignOptions["method"]; readonly options: PresignPutOptions },
): Promise<PresignedRequest> {
  const { expiresIn = expiresInDefault, contentType, signal } = options;
  const spec: CallSpec = {
    operation: method === "GET" ? "presignGet" : "presignPut",
    capability: method === "GET" ? "read" : "write",
    at: "file",
    signal,
  };
  const { driver } = kernel;
  return kernel.run(spec, path, async ({ key }) => {
    if (!isPresigning(driver)) {
      throw new DriverFailure({ kind: "unsupported", capability: "presign" });
    }
    checkCount("expiresIn", expiresIn, 1);
    const attributes = attributesOf(kernel, { contentType });
    return driver.presign(key, { method, expiresIn, ...attributes, signal });
  });
}

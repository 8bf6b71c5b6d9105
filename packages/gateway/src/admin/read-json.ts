import type { IncomingMessage } from "node:http";
import { AdminError } from "./admin-error.ts";

const bodyBytesMax = 64 * 1024;

/** The JSON that a request brings, or undefined when it brings nothing. Reads no more than 64 KiB. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  const [type = ""] = (request.headers["content-type"] ?? "").split(";", 1);
  if (type.trim().toLowerCase() !== "application/json") {
    throw new AdminError("unsupported_media_type");
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AdminError("bad_json", undefined, { cause });
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > bodyBytesMax) {
    throw new AdminError("body_too_large");
  }
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > bodyBytesMax) throw new AdminError("body_too_large");
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

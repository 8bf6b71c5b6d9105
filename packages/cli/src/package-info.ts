import { readFileSync } from "node:fs";
import * as v from "valibot";

const schema = v.object({ version: v.string(), engines: v.object({ node: v.string() }) });

/** This package's own version, and the Node.js it needs as `>=MAJOR.MINOR`. */
export function packageInfo(): { readonly version: string; readonly nodeRange: string } {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { version, engines } = v.parse(v.pipe(v.string(), v.parseJson(), schema), text);
  return { version, nodeRange: engines.node };
}

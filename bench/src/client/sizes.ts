import { pathToFileURL } from "node:url";
import type { Client } from "./clients.ts";
import { bareName } from "./clients.ts";
import { importMs } from "./import-time.ts";
import { installedBytes } from "./installed-bytes.ts";
import { peersDirectory } from "./peers.ts";
import type { Row } from "./rounds.ts";

interface Bundler {
  bundledBytes(file: string, without?: RegExp): Promise<number>;
}

const whole = "bundle of put, get and list";

/** What it costs to have a client at all: its import, its bundle, its install. */
export async function sizes(clients: readonly Client[], rounds: number): Promise<readonly Row[]> {
  const imports = new Map<string, number[]>(clients.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, file } of clients) {
      const ms = importMs(file);
      if (round > 0) imports.get(name)?.push(ms);
    }
  }
  const bundler: Bundler = await import(pathToFileURL(`${peersDirectory}bundle.js`).href);
  const bundles = new Map<string, number[]>();
  const cores = new Map<string, number[]>();
  const installs = new Map<string, number[]>();
  for (const { name, file, bundled = file, transport, directory } of clients) {
    if (name === bareName) continue;
    bundles.set(name, [(await bundler.bundledBytes(bundled)) / 1000]);
    cores.set(name, [(await bundler.bundledBytes(bundled, transport)) / 1000]);
    if (directory !== undefined) installs.set(name, [installedBytes(directory) / 1e6]);
  }
  return [
    { asks: "import", unit: "ms", more: false, isSize: true, bar: 60, values: imports },
    { asks: whole, unit: "kB", more: false, isSize: true, values: bundles },
    {
      asks: `${whole}, without transport`,
      unit: "kB",
      more: false,
      isSize: true,
      bar: 60,
      values: cores,
    },
    { asks: "install", unit: "MB", more: false, isSize: true, bar: 3, values: installs },
  ];
}

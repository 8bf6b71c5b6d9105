import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { rolldown } from "rolldown";

/**
 * The packages that Node gets as one file, and what goes into it beside their own modules. All else stays an import, so
 * that it is there once in a process; the client brings the protocol along, and kysely and hash-wasm are slow to load.
 */
const guests = {
  protocol: [],
  engine: ["hash-wasm"],
  client: ["@holdfast/protocol"],
  gateway: ["kysely"],
};

/**
 * Makes `dist/bundle.js` of the modules of each package named, or of all of these, because Node loads one file many times
 * faster than hundreds. Bundlers are given the modules, of which they leave out what is not used.
 */
const named = process.argv.slice(2);
for (const name of named.length > 0 ? named : Object.keys(guests)) await makeBundle(name);

async function makeBundle(name) {
  const home = join(import.meta.dirname, "packages", name);
  const bundle = await rolldown({
    input: join(home, "dist/index.js"),
    platform: "node",
    resolve: { conditionNames: ["module", "import", "default"] },
    external: (id) => /^[^./]/.test(id) && !guests[name].includes(id),
  });
  const { output } = await bundle.generate({
    format: "esm",
    comments: false,
    codeSplitting: false,
    banner: guests[name].map((guest) => licenceOf(guest, home)).join(""),
  });
  await bundle.close();
  // Whoever starts a program meanwhile gets the old file or the new one.
  const file = join(home, "dist/bundle.js");
  writeFileSync(`${file}.${process.pid}`, output[0].code);
  renameSync(`${file}.${process.pid}`, file);
}

/** What the licence of somebody else's package asks of a copy of it. */
function licenceOf(name, home) {
  if (name.startsWith("@holdfast/")) return "";
  let place = dirname(createRequire(join(home, "package.json")).resolve(name));
  while (basename(place) !== name) place = dirname(place);
  return `/*! Contains ${name}:\n\n${readFileSync(join(place, "LICENSE"), "utf8").trim()}\n*/\n`;
}

import { rolldown } from "rolldown";

/**
 * Makes one file, `dist/bundle.js`, of the package's modules and the protocol's, because Node loads it many times
 * faster than two hundred. Bundlers are given the modules, of which they leave out what is not used.
 */
const bundle = await rolldown({ input: `${import.meta.dirname}/dist/index.js`, platform: "node" });
await bundle.write({
  file: `${import.meta.dirname}/dist/bundle.js`,
  format: "esm",
  comments: false,
});
await bundle.close();

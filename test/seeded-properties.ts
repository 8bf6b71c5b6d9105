// Properties of fast-check draw by the variable that all other generated cases are drawn by, where it is set.
const seed = process.env["HOLDFAST_SEED"];
if (seed !== undefined) {
  const { configureGlobal, readConfigureGlobal } = await import("fast-check");
  configureGlobal({ ...readConfigureGlobal(), seed: Number(seed) });
}

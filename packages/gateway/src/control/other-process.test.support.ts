import { openControl } from "./open-control.ts";

/** A process of its own that has a control plane open, and answers what a request would find: one line for each id. */
const [path = "", keyFile = ""] = process.argv.slice(2);
const plane = await openControl({
  path,
  masterKeys: { file: keyFile },
  root: { accessKeyId: "ROOT", secretAccessKey: "the root's secret" },
});

process.on("message", (accessKeyId) => {
  plane.refresh();
  const { disabled, secretAccessKey } = plane.credential(String(accessKeyId)) ?? {};
  process.send?.({ disabled, secretAccessKey });
});
process.on("disconnect", () => {
  void plane.close();
});
process.send?.("open");

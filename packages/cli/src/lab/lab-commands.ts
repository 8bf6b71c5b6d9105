import { labOperands, labOptions } from "./lab-arguments.ts";
import type { LabCommand } from "./lab-command.ts";

const { faults, host, port, seed, buckets, statusProfile } = labOptions;
const { scenarios, report, bucket, profile, region } = labOptions;

/** Every command that starts a lab, in the order of the help. */
export const labCommands: readonly LabCommand[] = [
  {
    name: "lab serve",
    summary: "Serves an S3 endpoint in memory that fails as it is told, for tests in any language.",
    operands: [],
    required: [],
    options: [faults, port, host, seed, buckets, statusProfile],
    example: "lab serve --faults faults.yaml --buckets photos",
    run: async (given, session) => {
      const { serveLab } = await import("./serve-lab.ts");
      return await serveLab(given, session);
    },
  },
  {
    name: "lab proxy",
    summary: "Stands before any S3 server and does the same to what passes.",
    operands: [],
    required: [labOperands.upstream],
    options: [faults, port, host, seed],
    example: "lab proxy --upstream http://127.0.0.1:9000 --faults faults.yaml",
    run: async (given, session) => {
      const { serveProxy } = await import("./serve-proxy.ts");
      return await serveProxy(given, session);
    },
  },
  {
    name: "probe client",
    summary: "Plays failures with S3 clients, and says who tells the truth about them.",
    operands: [],
    rest: labOperands.subject,
    required: [],
    options: [seed, scenarios, report],
    example: "probe client @holdfast/client ./my-client.mjs --report probe.md,probe.html",
    run: async (given, session) => {
      const { probeClient } = await import("./probe-client.ts");
      return await probeClient(given, session);
    },
  },
  {
    name: "probe store",
    summary: "The same with the stores of a config, as they are configured.",
    operands: [labOperands.stores],
    required: [],
    options: [seed, scenarios, report],
    example: "probe store stores.yaml --report stores.md",
    run: async (given, session) => {
      const { probeStores } = await import("./probe-stores.ts");
      return await probeStores(given, session);
    },
  },
  {
    name: "probe endpoint",
    summary: "Asks an S3 endpoint about mistakes, and compares what it says with AWS.",
    operands: [labOperands.endpoint],
    required: [],
    options: [bucket, profile, region, scenarios, report],
    example: "probe endpoint http://127.0.0.1:9000 --report endpoint.html",
    run: async (given, session) => {
      const { probeAnEndpoint } = await import("./probe-endpoint.ts");
      return await probeAnEndpoint(given, session);
    },
  },
];

import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { MemoryDriver, Registry, type RegistryConfig } from "@holdfast/store";
import { Unsupported, type Subject, type SubjectSettings } from "../probe/subject.ts";
import { actOnStore, holdfastStore } from "./holdfast-store.ts";

// A subject is loaded by the name of a module: which store of which file it is stands behind that name.
const { searchParams } = new URL(import.meta.url);

/** A store of a config, on its own S3 backend with a lab in the place of the service. */
export const configuredStore: Subject = subjectOf({
  file: searchParams.get("file") ?? "",
  store: searchParams.get("store") ?? "",
});

interface Named {
  readonly file: string;
  readonly store: string;
}

function subjectOf(named: Named): Subject {
  return {
    name: `${named.store} of ${basename(named.file)}`,
    version: () => holdfastStore.version(),
    actions: holdfastStore.actions,
    open: async (settings) => {
      const registry = Registry.from(await configFor(named, settings));
      const store = registry.store("probed");
      return {
        act: (action, call) => actOnStore(store, action, call),
        close: () => registry.close(),
      };
    },
  };
}

/** All that the file says of the backend, but for where it is, who asks, and how long it waits. */
async function configFor(named: Named, settings: SubjectSettings): Promise<RegistryConfig> {
  const { endpoint, region, bucket, credentials, timeoutMs } = settings;
  const options = await s3OptionsOf(named);
  if (options === undefined) {
    throw new Unsupported("its backend is not S3, and a lab speaks nothing else");
  }
  const keys = await credentials();
  if (!isDeepStrictEqual(keys, await credentials())) {
    throw new Unsupported("a config has its keys written down, so that none are asked for anew");
  }
  const replaced = {
    type: "s3",
    endpoint,
    region,
    bucket,
    addressing: "path",
    credentials: keys,
    timeouts: { connectMs: timeoutMs, headersMs: timeoutMs, idleMs: timeoutMs },
  };
  const config: RegistryConfig = JSON.parse(
    JSON.stringify({
      backends: { probed: { ...options, ...replaced } },
      stores: { probed: { backend: "probed" } },
    }),
  );
  return config;
}

/** What the file says of the S3 backend below a store; undefined when its backend is of another type. */
async function s3OptionsOf({
  file,
  store,
}: Named): Promise<Readonly<Record<string, unknown>> | undefined> {
  let found: Readonly<Record<string, unknown>> | undefined;
  const s3 = (options: Readonly<Record<string, unknown>>): MemoryDriver => {
    found = options;
    return new MemoryDriver();
  };
  const registry = await Registry.fromFile(file, { env: true, types: { s3 } });
  registry.store(store);
  await registry.close();
  return found;
}

import { choice, localPath } from "../config/kind.ts";
import type { Keys, Written } from "../config/keys.ts";
import { LocalDriver } from "../drivers/local/local-driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { azureBackend } from "./azure-backend.ts";
import { backendType, type BackendType } from "./backend-type.ts";
import { httpBackend } from "./http-backend.ts";
import { s3Backend } from "./s3-backend.ts";
import { sftpBackend } from "./sftp-backend.ts";

/** Every sort of backend that a config can name as it is, by its `type`. */
export const builtInTypes = {
  azure: azureBackend,
  http: httpBackend,
  local: backendType({
    meaning: "The files of a directory.",
    keys: {
      root: { kind: localPath, required: true, meaning: "The directory, which has to be there." },
    },
    make: (options) => new LocalDriver(options),
  }),
  memory: backendType({
    meaning:
      "This process's memory, for tests. It is empty at first, and gone when the registry is closed.",
    keys: {
      namespace: {
        kind: choice(["tree", "flat"]),
        default: "tree",
        meaning:
          "Whether folders are things of their own, as on a disk, or what keys share, as on S3.",
      },
    },
    make: (options) => new MemoryDriver(options),
  }),
  s3: s3Backend,
  sftp: sftpBackend,
} as const satisfies Readonly<Record<string, BackendType>>;

type BuiltIn = typeof builtInTypes;

/** A backend of a sort that is built in, as a user writes it. */
export type BuiltInBackendConfig = {
  readonly [Type in keyof BuiltIn]: { readonly type: Type } & Written<KeysOf<BuiltIn[Type]>>;
}[keyof BuiltIn];

type KeysOf<T> = T extends BackendType<infer K extends Keys> ? K : never;

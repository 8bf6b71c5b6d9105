import type { Defect } from "./defect.ts";
import { defectsOfControl } from "./defects/control.ts";
import { defectsOfAccess } from "./defects/access.ts";
import { defectsOfCredentials } from "./defects/credentials.ts";
import { defectsOfAdmin } from "./defects/admin.ts";
import { defectsOfClientErrors } from "./defects/client-errors.ts";
import { defectsOfEngine } from "./defects/engine.ts";
import { defectsOfFidelity } from "./defects/fidelity.ts";
import { defectsOfGateway } from "./defects/gateway.ts";
import { defectsOfInterop } from "./defects/interop.ts";
import { defectsOfPublic } from "./defects/public.ts";
import { defectsOfObserving } from "./defects/observe.ts";
import { defectsOfLabCommands } from "./defects/lab-commands.ts";
import { defectsOfLimits } from "./defects/limits.ts";
import { defectsOfProxy } from "./defects/proxy.ts";
import { defectsOfResilience } from "./defects/resilience.ts";
import { defectsOfSftp } from "./defects/sftp.ts";
import { defectsOfSigning } from "./defects/signing.ts";
import { defectsOfStore } from "./defects/store.ts";
import { defectsOfStoreExtensions } from "./defects/store-extensions.ts";
import { defectsOfStoreDrivers } from "./defects/store-drivers.ts";
import { defectsOfTransfers } from "./defects/transfers.ts";
import { defectsOfUpstreams } from "./defects/upstreams.ts";
import { defectsOfWire } from "./defects/wire.ts";

/** All defects that are planted, one after another. */
export const defects: readonly Defect[] = [
  ...defectsOfAccess,
  ...defectsOfCredentials,
  ...defectsOfResilience,
  ...defectsOfSigning,
  ...defectsOfGateway,
  ...defectsOfAdmin,
  ...defectsOfPublic,
  ...defectsOfControl,
  ...defectsOfObserving,
  ...defectsOfProxy,
  ...defectsOfEngine,
  ...defectsOfLimits,
  ...defectsOfInterop,
  ...defectsOfClientErrors,
  ...defectsOfFidelity,
  ...defectsOfTransfers,
  ...defectsOfStore,
  ...defectsOfStoreExtensions,
  ...defectsOfWire,
  ...defectsOfUpstreams,
  ...defectsOfSftp,
  ...defectsOfStoreDrivers,
  ...defectsOfLabCommands,
];

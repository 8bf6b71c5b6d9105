import { absent } from "./absent.ts";
import type { Cell } from "./cell.ts";
import { attributing } from "./attributing.ts";
import { bulk } from "./bulk.ts";
import { children } from "./children.ts";
import { conditional } from "./conditional.ts";
import { deleting } from "./deleting.ts";
import { denied } from "./denied.ts";
import { failedWrites } from "./failed-writes.ts";
import { faulty } from "./faulty.ts";
import { guarding } from "./guarding.ts";
import { identity } from "./identity.ts";
import { lifetime } from "./lifetime.ts";
import { listing } from "./listing.ts";
import { messages } from "./messages.ts";
import { moving } from "./moving.ts";
import { naming } from "./naming.ts";
import { ordering } from "./ordering.ts";
import { racing } from "./racing.ts";
import { reading } from "./reading.ts";
import { seeking } from "./seeking.ts";
import { sharing } from "./sharing.ts";
import { stopping } from "./stopping.ts";
import { writing } from "./writing.ts";

/** Every promise that a backend has to keep. */
export const cells: readonly Cell[] = [
  ...identity,
  ...guarding,
  ...ordering,
  ...reading,
  ...seeking,
  ...writing,
  ...failedWrites,
  ...racing,
  ...deleting,
  ...bulk,
  ...moving,
  ...conditional,
  ...attributing,
  ...listing,
  ...naming,
  ...stopping,
  ...lifetime,
  ...children,
  ...sharing,
  ...absent,
  ...denied,
  ...faulty,
  ...messages,
];

import { fileURLToPath } from "node:url";
import { peersDirectory } from "../client/peers.ts";

/** A store that is measured. */
export interface MeasuredStore {
  readonly name: string;
  /** Its own module. */
  readonly file: string;
}

export const ownName = "Holdfast";

function own(name: string, subject: string): MeasuredStore {
  return { name, file: fileURLToPath(new URL(`./subjects/${subject}.js`, import.meta.url)) };
}

function peer(name: string, file: string): MeasuredStore {
  return { name, file: `${peersDirectory}stores/${file}.js` };
}

const flydrive = peer("flydrive", "flydrive");

/** What each backend's rows are compared with beside the peers: the least that keeps the same promises. */
export const client = own("Holdfast's client", "client");
export const nodeFs = own("node:fs, as durable", "node-fs");

/** Sabotaged, what goes by Holdfast's name is flydrive, and rows fail. */
export function holdfast(isSabotaged: boolean): MeasuredStore {
  return isSabotaged ? { ...flydrive, name: ownName } : own(ownName, "holdfast");
}

export const peers: readonly MeasuredStore[] = [
  flydrive,
  peer("@flystorage/file-storage", "flystorage"),
  peer("unstorage", "unstorage"),
];

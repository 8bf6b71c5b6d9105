import { Pages } from "./pages.ts";

/** Numbers from 0 to 1 that a seed decides. */
export type Chance = () => number;

type Write = { readonly at: number; readonly bytes: Buffer };

type Edit = (Write | { readonly length: number }) & {
  /** A sync of it failed: the page counts as clean, and no later sync writes it (Rebello et al., USENIX ATC 2020). */
  clean?: boolean;
};

export interface FileNode {
  readonly kind: "file";
  durable: Pages;
  current: Pages;
  pending: Edit[];
}

interface DirectoryEdit {
  readonly name: string;
  /** Undefined to take the name away. */
  readonly node: Node | undefined;
  /** The name that a rename takes away with the same step. */
  readonly from?: string;
}

export interface DirectoryNode {
  readonly kind: "directory";
  durable: ReadonlyMap<string, Node>;
  current: Map<string, Node>;
  pending: DirectoryEdit[];
}

type Node = DirectoryNode | FileNode;

/** What a disk writes as one. */
const sectorBytes = 512;

export function directoryNode(): DirectoryNode {
  return { kind: "directory", durable: new Map(), current: new Map(), pending: [] };
}

export function fileNode(content = Pages.empty): FileNode {
  return { kind: "file", durable: content, current: content, pending: [] };
}

/** Changes a directory, until a sync only in memory. */
export function editDirectory(directory: DirectoryNode, change: DirectoryEdit): void {
  directory.pending.push(change);
  applyEdit(directory.current, change);
}

/** Changes a file, until a sync only in memory. */
export function editFile(file: FileNode, edit: Edit): void {
  file.pending.push(edit);
  file.current = edited(file.current, edit);
}

/** Makes a file's bytes durable, but for those that a failed sync gave up. */
export function syncFile(file: FileNode): void {
  for (const edit of file.pending) {
    if (edit.clean !== true) file.durable = edited(file.durable, edit);
  }
  file.pending = [];
}

/** What a sync does that fails. */
export function failSync(file: FileNode): void {
  for (const edit of file.pending) edit.clean = true;
}

export function syncEntries(directory: DirectoryNode): void {
  directory.durable = new Map(directory.current);
  directory.pending = [];
}

/** How much of what was not synced a power cut leaves. */
export interface Draw {
  readonly chance: Chance;
  /** From 0, nothing of it, to 1, all of it. */
  readonly kept: number;
}

/** What a power cut leaves: any sectors of any write, any subset of the changes to a directory. */
export function survivors(directory: DirectoryNode, draw: Draw): DirectoryNode {
  const entries = new Map(directory.durable);
  for (const change of directory.pending) {
    if (draw.chance() < draw.kept) applyEdit(entries, change);
  }
  for (const [name, node] of entries) {
    entries.set(name, node.kind === "file" ? survivor(node, draw) : survivors(node, draw));
  }
  return { kind: "directory", durable: new Map(entries), current: entries, pending: [] };
}

/** What a killed process leaves on a machine that goes on: all of it, synced or not as before. */
export function copyOf(directory: DirectoryNode): DirectoryNode {
  const copies = new Map<Node, Node>();
  const copied = (node: Node): Node => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    if (node.kind === "file") {
      const file: FileNode = { ...node, pending: node.pending.map((edit) => ({ ...edit })) };
      copies.set(node, file);
      return file;
    }
    const entries = (from: ReadonlyMap<string, Node>): Map<string, Node> =>
      new Map([...from].map(([name, entry]) => [name, copied(entry)]));
    const copy = directoryNode();
    copies.set(node, copy);
    copy.durable = entries(node.durable);
    copy.current = entries(node.current);
    copy.pending = node.pending.map((change) =>
      change.node === undefined ? change : { ...change, node: copied(change.node) },
    );
    return copy;
  };
  const copy = copied(directory);
  return copy.kind === "directory" ? copy : directoryNode();
}

function survivor(file: FileNode, draw: Draw): FileNode {
  let content = file.durable;
  for (const edit of file.pending) {
    if ("length" in edit) {
      if (draw.chance() < draw.kept) content = edited(content, edit);
    } else {
      content = tornWrite(content, edit, draw);
    }
  }
  return fileNode(content);
}

// All, nothing or any sectors: of long writes the last alone would hardly ever be whole.
function tornWrite(content: Pages, { at, bytes }: Write, { chance, kept }: Draw): Pages {
  const mode = chance();
  if (mode < kept / 2) return content.written(bytes, at);
  if (mode >= kept / 2 + 0.5) return content;
  let torn = content;
  let from = 0;
  for (let sector = 0; sector < bytes.length; sector += sectorBytes) {
    if (chance() < kept) continue;
    if (from < sector) torn = torn.written(bytes.subarray(from, sector), at + from);
    from = sector + sectorBytes;
  }
  return from < bytes.length ? torn.written(bytes.subarray(from), at + from) : torn;
}

function edited(content: Pages, edit: Edit): Pages {
  return "length" in edit ? content.resized(edit.length) : content.written(edit.bytes, edit.at);
}

function applyEdit(entries: Map<string, Node>, { name, node, from }: DirectoryEdit): void {
  if (from !== undefined) entries.delete(from);
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

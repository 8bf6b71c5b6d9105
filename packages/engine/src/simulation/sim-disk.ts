import type { Fs, FsFile, OpenMode } from "../disk/fs.ts";

/** Numbers from 0 to 1 that a seed decides. */
export type Chance = () => number;

/** A call that the engine made of the disk, before it takes effect. */
export interface DiskCall {
  readonly kind: keyof Fs | keyof FsFile | "index";
  /** Counts from 1. */
  readonly number: number;
  readonly path: string;
}

type Edit = { readonly at: number; readonly bytes: Buffer } | { readonly length: number };

interface FileNode {
  readonly kind: "file";
  durable: Buffer;
  current: Buffer;
  pending: Edit[];
}

interface DirectoryEdit {
  readonly name: string;
  /** Undefined to take the name away. */
  readonly node: Node | undefined;
  /** The name that a rename takes away with the same step. */
  readonly from?: string;
}

interface DirectoryNode {
  readonly kind: "directory";
  durable: Map<string, Node>;
  current: Map<string, Node>;
  pending: DirectoryEdit[];
}

type Node = DirectoryNode | FileNode;

/** What a disk writes as one. */
const sectorBytes = 512;

/**
 * A disk that keeps nothing but what was synced, and of the rest whatever `crash` leaves: any
 * sectors of any write, any subset of the changes to a directory.
 */
export class SimDisk implements Fs {
  readonly #root: DirectoryNode;
  readonly #before: (call: DiskCall) => void;
  #calls = 0;
  #dead = false;

  /** `before` sees every call and may throw to make it fail; `powerOff` there ends all of them. */
  constructor(before: (call: DiskCall) => void = () => undefined, root = directoryNode()) {
    this.#before = before;
    this.#root = root;
  }

  get calls(): number {
    return this.#calls;
  }

  get off(): boolean {
    return this.#dead;
  }

  /** From now on every call fails and changes nothing. */
  powerOff(): void {
    this.#dead = true;
  }

  /** The disk as a restart finds it. */
  crash(chance: Chance, before?: (call: DiskCall) => void): SimDisk {
    this.#dead = true;
    return new SimDisk(before, survivors(this.#root, chance));
  }

  /** Counts as a call; for what else has to fail together with the disk. */
  async call(kind: DiskCall["kind"], path: string): Promise<void> {
    await Promise.resolve();
    this.#calls += 1;
    if (!this.#dead) this.#before({ kind, number: this.#calls, path });
    if (this.#dead) throw errno("EIO", "power is off");
  }

  async open(path: string, mode: OpenMode): Promise<FsFile> {
    await this.call("open", path);
    const { parent, name } = this.#locate(path);
    if (mode === "create") {
      if (parent.current.has(name)) throw errno("EEXIST", path);
      const node: FileNode = { kind: "file", durable: empty, current: empty, pending: [] };
      edit(parent, { name, node });
      return this.#file(node, path);
    }
    const node = parent.current.get(name);
    if (node?.kind !== "file") throw errno("ENOENT", path);
    return this.#file(node, path);
  }

  async unlink(path: string): Promise<void> {
    await this.call("unlink", path);
    const { parent, name } = this.#locate(path);
    if (parent.current.get(name)?.kind !== "file") throw errno("ENOENT", path);
    edit(parent, { name, node: undefined });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.call("rename", to);
    const source = this.#locate(from);
    const target = this.#locate(to);
    const node = source.parent.current.get(source.name);
    if (node === undefined || source.parent !== target.parent) throw errno("ENOENT", from);
    edit(target.parent, { name: target.name, node, from: source.name });
  }

  async mkdir(path: string): Promise<void> {
    await this.call("mkdir", path);
    const { parent, name } = this.#locate(path);
    if (!parent.current.has(name)) edit(parent, { name, node: directoryNode() });
  }

  async readdir(path: string): Promise<readonly string[]> {
    await this.call("readdir", path);
    return [...this.#directory(path).current.keys()];
  }

  async syncDirectory(path: string): Promise<void> {
    await this.call("syncDirectory", path);
    const node = this.#directory(path);
    node.durable = new Map(node.current);
    node.pending = [];
  }

  /** Every file's path, as the running system sees them. */
  files(): readonly string[] {
    return filesBelow(this.#root, "");
  }

  /** Changes a file's bytes behind the engine's back, durably. */
  tamper(path: string, change: (bytes: Buffer) => Buffer): void {
    const { parent, name } = this.#locate(path);
    const node = parent.current.get(name);
    if (node?.kind !== "file") throw errno("ENOENT", path);
    node.current = change(Buffer.from(node.current));
    node.durable = node.current;
    node.pending = [];
  }

  #locate(path: string): { readonly parent: DirectoryNode; readonly name: string } {
    const slash = path.lastIndexOf("/");
    return { parent: this.#directory(path.slice(0, slash)), name: path.slice(slash + 1) };
  }

  #directory(path: string): DirectoryNode {
    let node = this.#root;
    for (const name of path.split("/")) {
      if (name === "") continue;
      const next = node.current.get(name);
      if (next?.kind !== "directory") throw errno("ENOENT", path);
      node = next;
    }
    return node;
  }

  #file(node: FileNode, path: string): FsFile {
    return {
      read: async (into, position) => {
        await this.call("read", path);
        return node.current.copy(into, 0, position, position + into.length);
      },
      write: async (bytes, position) => {
        await this.call("write", path);
        const change = { at: position, bytes: Buffer.from(bytes) };
        node.pending.push(change);
        node.current = applied(node.current, change);
        return bytes.length;
      },
      datasync: async () => {
        await this.call("datasync", path);
        node.durable = node.current;
        node.pending = [];
      },
      truncate: async (length) => {
        await this.call("truncate", path);
        node.pending.push({ length });
        node.current = applied(node.current, { length });
      },
      size: async () => {
        await this.call("size", path);
        return node.current.length;
      },
      close: () => this.call("close", path),
    };
  }
}

const empty: Buffer = Buffer.alloc(0);

function directoryNode(): DirectoryNode {
  return { kind: "directory", durable: new Map(), current: new Map(), pending: [] };
}

function edit(directory: DirectoryNode, change: DirectoryEdit): void {
  directory.pending.push(change);
  applyEdit(directory.current, change);
}

function applyEdit(entries: Map<string, Node>, { name, node, from }: DirectoryEdit): void {
  if (from !== undefined) entries.delete(from);
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

function applied(bytes: Buffer, change: Edit): Buffer {
  if ("length" in change) {
    const cut = Buffer.alloc(change.length);
    bytes.copy(cut);
    return cut;
  }
  const grown = Buffer.alloc(Math.max(bytes.length, change.at + change.bytes.length));
  bytes.copy(grown);
  change.bytes.copy(grown, change.at);
  return grown;
}

function survivors(directory: DirectoryNode, chance: Chance): DirectoryNode {
  const entries = new Map(directory.durable);
  for (const change of directory.pending) if (chance() < 0.5) applyEdit(entries, change);
  const kept = new Map<string, Node>();
  for (const [name, node] of entries) {
    kept.set(name, node.kind === "file" ? survivor(node, chance) : survivors(node, chance));
  }
  return { kind: "directory", durable: kept, current: new Map(kept), pending: [] };
}

function survivor(file: FileNode, chance: Chance): FileNode {
  let bytes = file.durable;
  for (const change of file.pending) {
    if ("length" in change) {
      if (chance() < 0.5) bytes = applied(bytes, change);
      continue;
    }
    // All, nothing or any sectors: of long writes the last alone would hardly ever be whole.
    const mode = chance();
    for (let at = 0; at < change.bytes.length; at += sectorBytes) {
      if (mode < 0.25 || (mode < 0.75 && chance() < 0.5)) {
        const sector = change.bytes.subarray(at, at + sectorBytes);
        bytes = applied(bytes, { at: change.at + at, bytes: sector });
      }
    }
  }
  return { kind: "file", durable: bytes, current: bytes, pending: [] };
}

function filesBelow(directory: DirectoryNode, path: string): string[] {
  return [...directory.current].flatMap(([name, node]) =>
    node.kind === "file" ? [`${path}/${name}`] : filesBelow(node, `${path}/${name}`),
  );
}

function errno(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

import type { Fs, FsFile, OpenMode, Space } from "../disk/fs.ts";
import {
  copyOf,
  directoryNode,
  editDirectory,
  editFile,
  failSync,
  fileNode,
  survivors,
  syncEntries,
  syncFile,
  type Chance,
  type DirectoryNode,
  type Draw,
  type FileNode,
} from "./disk-image.ts";
import { Pages } from "./pages.ts";

/** A call that the engine made of the disk, before it takes effect. */
export interface DiskCall {
  readonly kind: keyof Fs | keyof FsFile | "index";
  /** Counts from 1. */
  readonly number: number;
  readonly path: string;
}

/**
 * A disk that keeps nothing but what was synced, and of the rest whatever a power cut leaves: any
 * sectors of any write, any subset of the changes to a directory. A sync that fails gives up what it
 * was to write: a later one succeeds without it.
 */
export class SimDisk implements Fs {
  readonly #root: DirectoryNode;
  readonly #before: (call: DiskCall) => void;
  #calls = 0;
  #changes = 0;
  #syncs = 0;
  #handles = 0;
  #dead = false;

  /** `before` sees every call and may throw to make it fail; `powerOff` there ends all of them. */
  constructor(before: (call: DiskCall) => void = () => undefined, root = directoryNode()) {
    this.#before = before;
    this.#root = root;
  }

  get calls(): number {
    return this.#calls;
  }

  /** Grows with everything that changes what a power cut could leave. */
  get changes(): number {
    return this.#changes;
  }

  /** Grows with everything that changes what a power cut must leave. */
  get syncs(): number {
    return this.#syncs;
  }

  /** Counts a change of what shares the disk's power. */
  changed(): void {
    this.#changes += 1;
  }

  /** Counts a sync of what shares the disk's power. */
  synced(): void {
    this.#changes += 1;
    this.#syncs += 1;
  }

  /** Files that are open. */
  get handles(): number {
    return this.#handles;
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
    return new SimDisk(before, this.survivors({ chance, kept: 0.5 }));
  }

  /** What a power cut would leave now; this disk goes on. */
  survivors(draw: Draw): DirectoryNode {
    return survivors(this.#root, draw);
  }

  /** What killing the engine now would leave; this disk goes on. */
  copy(): DirectoryNode {
    return copyOf(this.#root);
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
    const found = parent.current.get(name);
    if (mode === "create") {
      if (found !== undefined) throw errno("EEXIST", path);
      const node = fileNode();
      this.changed();
      editDirectory(parent, { name, node });
      return this.#file(node, path);
    }
    if (found?.kind !== "file") throw errno("ENOENT", path);
    return this.#file(found, path);
  }

  async unlink(path: string): Promise<void> {
    await this.call("unlink", path);
    const { parent, name } = this.#locate(path);
    if (parent.current.get(name)?.kind !== "file") throw errno("ENOENT", path);
    this.changed();
    editDirectory(parent, { name, node: undefined });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.call("rename", to);
    const source = this.#locate(from);
    const target = this.#locate(to);
    const node = source.parent.current.get(source.name);
    if (node === undefined || source.parent !== target.parent) throw errno("ENOENT", from);
    this.changed();
    editDirectory(target.parent, { name: target.name, node, from: source.name });
  }

  async mkdir(path: string): Promise<void> {
    await this.call("mkdir", path);
    const { parent, name } = this.#locate(path);
    this.changed();
    if (!parent.current.has(name)) editDirectory(parent, { name, node: directoryNode() });
  }

  async readdir(path: string): Promise<readonly string[]> {
    await this.call("readdir", path);
    return [...this.#directory(path).current.keys()];
  }

  async syncDirectory(path: string): Promise<void> {
    await this.call("syncDirectory", path);
    this.synced();
    syncEntries(this.#directory(path));
  }

  /** No call that can fail: how often it is asked is the clock's affair, and must not shift the others. */
  async space(): Promise<Space> {
    return { bytesFree: Infinity, bytesTotal: Infinity, filesFree: Infinity, filesTotal: Infinity };
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
    node.current = Pages.of(Buffer.from(change(node.current.toBuffer())));
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
    this.#handles += 1;
    let open = true;
    return {
      read: async (into, position) => {
        await this.call("read", path);
        return node.current.read(into, position);
      },
      write: async (bytes, position) => {
        await this.call("write", path);
        this.changed();
        editFile(node, { at: position, bytes: Buffer.from(bytes) });
        return bytes.length;
      },
      datasync: async () => {
        try {
          await this.call("datasync", path);
        } catch (error) {
          if (!this.#dead) failSync(node);
          throw error;
        }
        this.synced();
        syncFile(node);
      },
      truncate: async (length) => {
        await this.call("truncate", path);
        this.changed();
        editFile(node, { length });
      },
      size: async () => {
        await this.call("size", path);
        return node.current.length;
      },
      // As on Linux, a close that fails has closed.
      close: async () => {
        if (open) this.#handles -= 1;
        open = false;
        await this.call("close", path);
      },
    };
  }
}

function filesBelow(directory: DirectoryNode, path: string): string[] {
  return [...directory.current].flatMap(([name, node]) =>
    node.kind === "file" ? [`${path}/${name}`] : filesBelow(node, `${path}/${name}`),
  );
}

function errno(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

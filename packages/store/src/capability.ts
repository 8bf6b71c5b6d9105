/**
 * What a backend can do. The first eight open the methods that need them; the others say how well.
 *
 * - `atomic_write`: no reader ever sees a part of what is written.
 * - `atomic_create`: of several that write where nothing is, without overwriting, one succeeds.
 * - `atomic_move`: a move that overwrites is one step.
 * - `conditional_write`: `ifMatch` on writes.
 */
export type Capability =
  | "atomic_write"
  | "copy"
  | "delete"
  | "list"
  | "metadata"
  | "move"
  | "read"
  | "write"
  | "atomic_create"
  | "atomic_move"
  | "conditional_write";

/**
 * What a backend can do. The first eight open the methods that need them; the others say how well.
 *
 * - `atomic_write`: no reader ever sees a part of what is written.
 * - `atomic_create`: of several that write where nothing is, without overwriting, one succeeds. Without it a store looks
 *   before it writes, and what another writes in between is overwritten.
 * - `atomic_move`: a move that overwrites is one step: nobody sees both files, or neither.
 * - `atomic_move_create`: a move that does not overwrite is one step too.
 * - `conditional_write`, `conditional_delete`, `conditional_copy`: `ifMatch` on writes; on deletions; on copies and moves,
 *   where it is of the source. Between the comparison and what it allows nothing else comes.
 * - `user_metadata`: keeps a content type and metadata of the caller's own with a file, and gives them to its copies.
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
  | "atomic_move_create"
  | "conditional_copy"
  | "conditional_delete"
  | "conditional_write"
  | "user_metadata";

/** A row that holds what this program never writes. It names the column and repeats nothing of what is in it. */
export class DamagedRow extends Error {
  static {
    this.prototype.name = "DamagedRow";
  }

  constructor(column: string) {
    super(`a row of the control database has no valid ${column}`);
  }
}

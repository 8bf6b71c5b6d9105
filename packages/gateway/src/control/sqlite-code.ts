/** SQLite's name of what went wrong, such as `SQLITE_BUSY`, or nothing for a failure of another kind. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") {
    return undefined;
  }
  return error.code.startsWith("SQLITE_") ? error.code : undefined;
}

import type { AdminClient } from "./admin-client.ts";

interface Wish {
  readonly path: string;
  /** The field of a page that holds its entries. */
  readonly list: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
}

/** Every entry of a list of the API, page after page. */
export async function allPages<T>(
  api: AdminClient,
  { path, list, query = {} }: Wish,
): Promise<readonly T[]> {
  const entries: T[] = [];
  let pageToken: string | undefined;
  do {
    const page = await api.ask<Readonly<Record<string, readonly T[]>> & { nextPageToken?: string }>(
      {
        method: "GET",
        path,
        query: { ...query, limit: "1000", pageToken },
      },
    );
    entries.push(...(page[list] ?? []));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return entries;
}

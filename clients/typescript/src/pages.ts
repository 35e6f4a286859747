import type { Client } from "openapi-fetch";
import { ok } from "./errors.js";
import type { paths } from "./schema.js";

type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { headers: { Link?: string }; content: { "application/json": (infer Row)[] } } } };
}
  ? Row
  : never;

/** The paths of the lists that have pages. */
export type ListPath = { [Path in keyof paths]: [Answer<Path>] extends [never] ? never : Path }[keyof paths];
export type Row<Path extends ListPath> = Answer<Path>;
export type ListParameters<Path extends ListPath> = paths[Path] extends { get: { parameters: infer Parameters } }
  ? Parameters
  : never;

/** The rows of a list, page by page, up to its end. */
export async function* rows<Path extends ListPath>(
  api: Client<paths>,
  path: Path,
  parameters?: ListParameters<Path>,
): AsyncGenerator<Row<Path>, void, undefined> {
  const get = api.GET as unknown as (path: Path, init: unknown) => ReturnType<typeof api.GET>;
  const { query, ...others } = (parameters ?? {}) as { query?: Record<string, unknown> };
  let next: Record<string, string> | null = {};
  while (next) {
    const call = get(path, { params: { ...others, query: { ...query, ...next } } });
    yield* (await ok(call)) as unknown as Row<Path>[];
    next = nextPage((await call).response);
  }
}

/** The cursor and the limit of the next page, or null on the last page. */
export function nextPage(response: Response): Record<string, string> | null {
  const url = response.headers.get("Link")?.match(/<([^>]+)>; rel="next"/)?.[1];
  if (url === undefined) return null;
  const found = new URL(url).searchParams;
  return { cursor: found.get("cursor") ?? "", limit: found.get("limit") ?? "" };
}

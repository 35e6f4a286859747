/** A client of the LinguaFlex API: openapi-fetch with the types of the API, and a session that refreshes itself. */

import createFetchClient, { type Client } from "openapi-fetch";
import { ApiError, ok } from "./errors.js";
import { type ListParameters, type ListPath, type Row, rows } from "./pages.js";
import type { components, paths } from "./schema.js";
import { type Fetch, type Session, Sessions } from "./session.js";

export { ApiError, ok, type Session };
export type { components, paths };
/** The types of bodies: `Schemas["Gig"]`, `Schemas["GigRequest"]`. */
export type Schemas = components["schemas"];

export interface Options {
  /** Such as `http://127.0.0.1:8000`. */
  baseUrl: string;
  /** A session that was stored earlier. */
  session?: Session | null;
  /** Called with each new session, to store it, and with null at its end. */
  onSession?: (session: Session | null) => void;
  fetch?: Fetch;
}

export interface LinguaFlex {
  /** The calls: `api.GET("/accounts/gigs/")`. */
  api: Client<paths>;
  /** The current session. */
  readonly session: Session | null;
  /** Stores a session in the client, such as one of supabase-js. */
  setSession: (session: Session | null) => void;
  login: (email: string, password: string) => Promise<Schemas["Session"]>;
  logout: (scope?: Schemas["ScopeEnum"]) => Promise<void>;
  /** All rows of a list, page by page. */
  rows: <Path extends ListPath>(path: Path, parameters?: ListParameters<Path>) => AsyncGenerator<Row<Path>>;
}

export function createClient({ baseUrl, session, onSession, fetch }: Options): LinguaFlex {
  const send = fetch ?? ((request: Request) => globalThis.fetch(request));
  const options = { baseUrl, querySerializer: { array: { style: "form", explode: false } } } as const;
  const open = createFetchClient<paths>({ ...options, fetch: send });

  /** The new session; null if the old one has ended. Throws ApiError if the server is busy or down. */
  async function refresh(refresh_token: string): Promise<Session | null> {
    try {
      return await ok(open.POST("/accounts/token/refresh/", { body: { refresh_token } }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 400) return null;
      throw error;
    }
  }

  const sessions = new Sessions(session ?? null, send, refresh, onSession ?? (() => {}));
  const api = createFetchClient<paths>({ ...options, fetch: sessions.fetch });
  return {
    api,
    get session() {
      return sessions.current;
    },
    setSession: (session) => sessions.set(session),
    login: async (email, password) => {
      const session = await ok(open.POST("/accounts/login/", { body: { email, password } }));
      sessions.set(session);
      return session;
    },
    logout: async (scope = "local") => {
      await ok(api.POST("/accounts/logout/", { body: { scope } }));
      if (scope !== "others") sessions.set(null);
    },
    rows: (path, parameters) => rows(api, path, parameters),
  };
}

/** The `bodySerializer` of a call with a file. */
export function form(body: Record<string, string | Blob>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(body)) data.set(name, value);
  return data;
}

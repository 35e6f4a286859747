import type { components } from "./schema.js";

/** What has to be kept to stay signed in. The answer of a login is one. */
export type Session = Pick<components["schemas"]["Session"], "access_token" | "refresh_token">;
export type Fetch = (request: Request) => Promise<Response>;

/** Sends requests with the access token of a session, and refreshes an expired one. */
export class Sessions {
  #session: Session | null;
  #refreshing: Promise<Session | null> | null = null;

  constructor(
    session: Session | null,
    private readonly send: Fetch,
    private readonly refresh: (refreshToken: string) => Promise<Session | null>,
    private readonly changed: (session: Session | null) => void,
  ) {
    this.#session = session;
  }

  get current(): Session | null {
    return this.#session;
  }

  /** Begins a session, or with null ends it. */
  set(session: Session | null): void {
    this.#session = session;
    this.changed(session);
  }

  /** Sends a request. If its access token has expired, sends it once more with a new one. */
  readonly fetch: Fetch = async (request) => {
    const used = this.#session;
    const again = request.clone(); // a body can be read once
    const response = await this.send(withToken(request, used));
    if (!used || !(await hasExpired(response))) return response;
    const session = this.#session === used ? await this.#refreshed(used) : this.#session;
    return session ? this.send(withToken(again, session)) : response;
  };

  /** The new session. Requests that fail at the same time share one refresh: a refresh token is valid once. */
  #refreshed(expired: Session): Promise<Session | null> {
    this.#refreshing ??= this.refresh(expired.refresh_token)
      .then((session) => {
        if (this.#session === expired) this.set(session);
        return this.#session;
      })
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }
}

function withToken(request: Request, session: Session | null): Request {
  if (session) request.headers.set("Authorization", `Bearer ${session.access_token}`);
  return request;
}

async function hasExpired(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const body = (await response.clone().json().catch(() => null)) as { code?: string } | null;
  return body?.code === "token_expired";
}

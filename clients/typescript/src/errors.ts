/** An error of the API. `code` is stable, `message` is a sentence for users. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** Messages by field, if fields are invalid. */
    readonly errors: Record<string, string[]> = {},
    /** Seconds after which the request may be repeated, if the server says so. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }

  /** The error in a response. A response that is not JSON, such as that of a proxy, has the code `http_error`. */
  static of(response: Response, body: unknown): ApiError {
    const { detail, code, errors } = (typeof body === "object" && body ? body : {}) as Partial<{
      detail: string;
      code: string;
      errors: Record<string, string[]>;
    }>;
    const seconds = response.headers.get("Retry-After");
    return new ApiError(
      response.status,
      code ?? "http_error",
      detail ?? `HTTP ${response.status}`,
      errors,
      seconds === null ? null : Number(seconds),
    );
  }
}

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful response. Throws ApiError for any other. */
export async function ok<T>(call: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw ApiError.of(response, error);
  return data as T;
}

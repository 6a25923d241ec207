/** ms until a request without an answer counts as failed */
const REQUEST_TIMEOUT_MS = 20_000;

/** The api said no, or could not be reached (`status` 0). `message` is one sentence for the person. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** the field of the form that is wrong, where the api named one */
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, code: string, message: string, field?: string, retryAfterMs?: number) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.field = field;
    this.retryAfterMs = retryAfterMs;
  }
}

/** True when there was no answer at all: no network, or a server that is not there. */
export function isSilence(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0;
}

/** The fetch of the typed client: every failure, of the network too, becomes an ApiError. */
export async function apiFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(input, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  } catch {
    throw new ApiError(0, "offline", "Atrium did not answer. Check the connection and try again.");
  }
  if (!response.ok) throw await readError(response);
  return response;
}

async function readError(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  const error = field(await response.json().catch(() => undefined), "error");
  const code = field(error, "code");
  const message = field(error, "message");
  return new ApiError(
    response.status,
    typeof code === "string" ? code : `http_${response.status}`,
    typeof message === "string" ? message : "Atrium could not do that just now. Try again in a moment.",
    fieldOfDetails(field(error, "details")),
    retryAfterMs,
  );
}

/** `details` names the wrong field, as `{field}` or as a list of `{path}`. */
function fieldOfDetails(details: unknown): string | undefined {
  const direct = field(details, "field");
  if (typeof direct === "string") return direct;
  const first = Array.isArray(details) ? details[0] : undefined;
  const path = field(first, "path");
  if (typeof path === "string") return path;
  return Array.isArray(path) && typeof path[0] === "string" ? path[0] : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value ? Reflect.get(value, name) : undefined;
}

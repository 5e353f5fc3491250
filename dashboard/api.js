// The only way out of this page: GET requests to the admin API it came from.

const kTokenKey = 'twinrun.token';

/** Why an answer is missing: `away` (nobody answered), `token`, `missing`, or `refused` with the API's own sentence. */
export class ApiFailure extends Error {
  constructor(reason, message) {
    super(message);
    this.reason = reason;
  }
}

export const token = {
  get: () => sessionStorage.getItem(kTokenKey) ?? '',
  set: (value) => sessionStorage.setItem(kTokenKey, value),
  clear: () => sessionStorage.removeItem(kTokenKey),
};

function failure(status, problem) {
  const detail = problem?.detail ?? `the API answered ${status}`;
  if (status === 401) return new ApiFailure('token', detail);
  if (status === 404) return new ApiFailure('missing', detail);
  return new ApiFailure('refused', detail);
}

/** GET /api/v1/`path` with parameters; empty ones are left out. Throws ApiFailure, or AbortError when aborted. */
export async function get(path, parameters = {}, signal = undefined) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  const headers = token.get() ? {Authorization: `Bearer ${token.get()}`} : {};
  const target = '/api/v1/' + path.map(encodeURIComponent).join('/') + (query.size ? `?${query}` : '');
  let response;
  try {
    response = await fetch(target, {headers, signal, cache: 'no-store', credentials: 'omit'});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiFailure('away', 'Nobody answered at this address. Is it still running?');
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw failure(response.status, body);
}

/** Every error that the server answers outside OAuth: a stable code, its status and its title. */
export const PROBLEMS = {
  validation_failed: { status: 400, title: 'The request has faults' },
  malformed_body: { status: 400, title: 'The body is not readable' },
  malformed_request: { status: 400, title: 'The request is not readable' },
  unauthenticated: { status: 401, title: 'A valid credential is needed' },
  credentials_disagree: { status: 401, title: 'The two credentials do not belong together' },
  forbidden: { status: 403, title: 'The credential does not allow this' },
  scope_not_grantable: { status: 403, title: 'The credential cannot grant this' },
  totp_required: { status: 403, title: 'One-time codes are needed' },
  password_refused: { status: 403, title: 'The password is wrong' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not supported here' },
  pass_id_taken: { status: 409, title: 'The pass id is taken' },
  grace_period_running: { status: 409, title: 'The old secret is still in its grace period' },
  last_secret: { status: 409, title: 'The pass needs a secret' },
  resource_taken: { status: 409, title: 'The resource is taken' },
  already_member: { status: 409, title: 'The person is a member already' },
  totp_enrolled: { status: 409, title: 'One-time codes are set up already' },
  last_owner: { status: 409, title: 'An organization needs an owner' },
  instance_organization: { status: 409, title: 'The server needs its first organization' },
  idempotency_key_used: { status: 409, title: 'The request was carried out before' },
  idempotency_key_in_use: { status: 409, title: 'The request is being carried out' },
  precondition_failed: { status: 412, title: 'It has been changed since it was read' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not in a form that is taken' },
  expectation_failed: { status: 417, title: 'What the request expects is not done here' },
  idempotency_key_mismatch: { status: 422, title: 'The key was used for another request' },
  resource_not_verified: { status: 422, title: 'The resource is not verified' },
  too_many_rows: { status: 422, title: 'The export would have too many rows' },
  read_too_long: { status: 422, title: 'Reading this takes too long' },
  sign_in_slowed: { status: 429, title: 'Too many failed sign-ins' },
  rate_limited: { status: 429, title: 'There were too many requests' },
  head_too_large: { status: 431, title: 'The head of the request is too large' },
  internal_error: { status: 500, title: 'The server failed' },
  service_unavailable: { status: 503, title: 'The server cannot answer right now' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

/** One fault of a body (`pointer`, RFC 6901) or of the query (`parameter`). */
export type Fault =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string }

/** An error to answer: handlers throw it, the one error handler presents it (RFC 9457). */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly errors: readonly Fault[] | undefined
  readonly extra: Readonly<Record<string, unknown>>

  /**
   * @param detail for the person who reads it: what is wrong, where, what to do
   * @param extra further members of the answer
   */
  constructor(
    code: ProblemCode,
    detail: string,
    errors?: readonly Fault[],
    extra: Record<string, unknown> = {},
  ) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    this.errors = errors
    this.extra = extra
  }

  get status(): number {
    return PROBLEMS[this.code].status
  }
}

/** What is not there, or is somebody else's: the answer is the same, so that nothing tells which. */
export function notFound(): Problem {
  return new Problem('not_found', 'Nothing of yours has this address. Check the ids in the path.')
}

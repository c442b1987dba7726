import { z } from 'zod'
import type { AnswerDescription, AnswerHeader, Operation } from '../http/operation.ts'
import { PROBLEMS, type ProblemCode } from '../http/problems.ts'

const PROBLEM_CODES = z.enum(Object.keys(PROBLEMS))

/** An error outside OAuth (RFC 9457). */
const problem = z
  .looseObject({
    type: z.string().meta({ description: '`urn:sentinel-pass:problem:` and the code' }),
    title: z.string(),
    status: z.int(),
    code: PROBLEM_CODES,
    detail: z.string().meta({ description: 'What is wrong, where, and what to do' }),
    instance: z.string().meta({ description: 'The request in the log of the server' }),
    errors: z
      .array(
        z.union([
          z.object({ pointer: z.string(), detail: z.string() }),
          z.object({ parameter: z.string(), detail: z.string() }),
        ]),
      )
      .optional()
      .meta({ description: 'The faults of the body (RFC 6901) or the query, the first hundred of them' }),
    more_errors: z.int().min(1).optional().meta({ description: 'How many faults there are besides' }),
    scope: z.string().optional().meta({ description: 'The scopes that an access token would need' }),
  })
  .meta({ id: 'Problem' })

/** An error of OAuth (RFC 6749 section 5.2). */
const oauthError = z
  .object({ error: z.string(), error_description: z.string().optional(), scope: z.string().optional() })
  .meta({ id: 'OAuthError' })

const EVERYWHERE: readonly ProblemCode[] = ['malformed_request', 'internal_error', 'service_unavailable']
// Parameters that a route does not know are refused where it takes none, too.
const WITH_CREDENTIALS: readonly ProblemCode[] = [
  'validation_failed',
  'unauthenticated',
  'credentials_disagree',
  'forbidden',
  'totp_required',
  'not_found',
  'rate_limited',
]
const WITH_BODY: readonly ProblemCode[] = [
  'validation_failed',
  'malformed_body',
  'body_too_large',
  'unsupported_media_type',
]
const WITH_FORM: readonly ProblemCode[] = ['malformed_body', 'body_too_large', 'unsupported_media_type']
const OAUTH_STATUSES = [400, 401, 413, 415, 429, 500, 503]
const OPEN_OAUTH_STATUSES = [500, 503]
const OAUTH_MEANINGS: Readonly<Record<number, string>> = {
  400: 'The request has a fault, or asks for what the client may not have',
  401: 'The client is not known, did not prove itself, or may not be used',
  413: 'The body is too large',
  415: 'The body is not a form',
  429: 'There were too many requests',
  500: 'The server failed',
  503: 'The server cannot answer right now',
}
/** Those that people are shown a page for, where no client can be told. */
const PAGE_STATUSES = [400, 500]
const ALWAYS_WITH: Readonly<Record<number, readonly AnswerHeader[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

/** Every answer of a route by its status: its own, and those that follow from what it takes. */
export function answersOf(operation: Operation): Record<number, AnswerDescription> {
  return { ...ERROR_ANSWERS[operation.errors ?? 'problem'](operation), ...operation.answers }
}

const ERROR_ANSWERS = {
  problem: operation => problemAnswers(problemCodesOf(operation)),
  oauth: oauthAnswers,
  page: pageAnswers,
} satisfies Record<string, (operation: Operation) => Record<number, AnswerDescription>>

/** The codes that a route can answer. */
function problemCodesOf(operation: Operation): ProblemCode[] {
  return [
    ...new Set([
      ...EVERYWHERE,
      ...(operation.access === 'principal' ? WITH_CREDENTIALS : []),
      // Also where there is no ETag to match: then none does.
      ...(operation.access === 'principal' && operation.method !== 'get'
        ? (['precondition_failed'] as const)
        : []),
      ...(operation.access === 'metrics_token' ? (['unauthenticated'] as const) : []),
      ...(operation.query ? (['validation_failed'] as const) : []),
      ...(operation.body ? WITH_BODY : []),
      ...(operation.problems ?? []),
    ]),
  ]
}

/** `not_found` becomes `NotFound`. */
function pascalCase(code: string): string {
  return code.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function problemAnswers(all: readonly ProblemCode[]): Record<number, AnswerDescription> {
  const byStatus = Map.groupBy(all, code => PROBLEMS[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        name: codes.map(pascalCase).join('Or'),
        description: codes.map(code => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
        content: { 'application/problem+json': problemWith(codes) },
        headers: ['Cache-Control', ...(ALWAYS_WITH[status] ?? [])] satisfies AnswerHeader[],
        // To the bearer of a token that lacks a scope.
        ...(codes.includes('forbidden') ? { sometimes: ['WWW-Authenticate' as const] } : {}),
      },
    ]),
  )
}

const problemsWith = new Map<string, z.ZodType>()

/** A problem with one of these codes: the same schema for the same codes, since most routes share theirs. */
function problemWith(codes: readonly ProblemCode[]): z.ZodType {
  const key = codes.join()
  const id = `${codes.map(pascalCase).join('Or')}Problem`
  const description = `A problem whose code is ${codes.map(code => `\`${code}\``).join(' or ')}`
  const made =
    problemsWith.get(key) ??
    problem
      .and(z.looseObject({ code: z.enum(codes).meta({ description: 'Which one it is, for programs' }) }))
      .meta({ id, description })
  problemsWith.set(key, made)
  return made
}

function oauthAnswers(operation: Operation): Record<number, AnswerDescription> {
  const statuses = operation.access === 'anybody' ? OPEN_OAUTH_STATUSES : OAUTH_STATUSES
  return Object.fromEntries(
    statuses.map(status => [
      status,
      {
        name: `OAuthError${status}`,
        description: `${OAUTH_MEANINGS[status]} (RFC 6749 section 5.2)`,
        schema: oauthError,
        headers: ['Cache-Control', ...([429, 503].includes(status) ? ['Retry-After' as const] : [])],
        // Not to who sent no Authorization header.
        ...(status === 401 ? { sometimes: ['WWW-Authenticate' as const] } : {}),
      } satisfies AnswerDescription,
    ]),
  )
}

/** A page for a browser; for who prefers JSON, what the library has in its place. */
function pageAnswers(operation: Operation): Record<number, AnswerDescription> {
  const problems = problemAnswers([...EVERYWHERE, ...(operation.body ? WITH_FORM : [])])
  return Object.fromEntries(
    Object.entries(problems).map(([status, answer]) => {
      if (!PAGE_STATUSES.includes(Number(status))) return [status, answer]
      const { name: _shared, ...own } = answer
      const content = { ...own.content, 'text/html': z.string(), 'application/json': oauthError }
      return [status, { ...own, content }]
    }),
  )
}

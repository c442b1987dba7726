import { z } from 'zod'
import type { ProblemCode } from './problems.ts'

/** Who may make a call: the credentials that the description of a route names. */
export type Access = 'principal' | 'client' | 'client_or_api_key' | 'metrics_token' | 'anybody'

/** The headers of requests and answers that descriptions name, each with what it says. */
export const REQUEST_HEADERS = {
  'If-Match': 'ETags of a read, or `*`: the change is made only when the thing is still what they stand for',
  'If-None-Match': 'ETags of a read, or `*`: answered 304 when one of them still holds',
  'Idempotency-Key':
    '1 to 255 printable characters of the caller’s choice: a request that is repeated with it acts once',
} as const
export type RequestHeader = keyof typeof REQUEST_HEADERS

export const ANSWER_HEADERS = {
  'Access-Control-Allow-Origin': 'Pages of any origin may read it',
  Allow: 'The methods of the path',
  'Cache-Control': 'How long the answer may be kept, and by whom',
  'Content-Disposition': 'The name of the file',
  ETag: 'Stands for the writable fields as they are: for If-Match and If-None-Match',
  Location: 'Where the thing that was made is, or where to go on',
  RateLimit: 'What is left of the limit, and the seconds until it is whole again',
  'RateLimit-Policy': 'The limit: so many requests in so many seconds',
  'Retry-After': 'Seconds to wait before the next try',
  'WWW-Authenticate': 'The credential that is needed',
  'X-Request-Id': 'The request in the log of the server',
} as const
export type AnswerHeader = keyof typeof ANSWER_HEADERS

/** One answer of a route. */
export interface AnswerDescription {
  readonly description: string
  /** The body as JSON. Neither this nor `content`: there is no body. */
  readonly schema?: z.ZodType
  /** The body by its media type, where that is not JSON. */
  readonly content?: Readonly<Record<string, z.ZodType>>
  /** Those that the answer always has, besides `X-Request-Id`. */
  readonly headers?: readonly AnswerHeader[]
  /** Those that it can have. */
  readonly sometimes?: readonly AnswerHeader[]
  /** Of one that routes share. */
  readonly name?: string
}

/** Answered where `If-None-Match` has the tag of what would be sent. */
export const KNOWN: AnswerDescription = { description: 'The reader has it already' }

export interface BodyDescription {
  readonly schema: z.ZodType
  /** JSON when not given. */
  readonly type?: 'application/json' | 'application/x-www-form-urlencoded'
  readonly required: boolean
}

/**
 * What a route takes and answers. The document at `/openapi.json` is made of these, and the tests hold every answer
 * against it. What follows from the rest (401, 403, 404, 415, 503 …) is not said here: `contract/answers.ts` adds it.
 */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete' | 'patch'
  /** As the router has it: `/things/:id`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  /** The schema that parses the query. */
  readonly query?: z.ZodType
  /** Parameters of the path that are not plain UUIDs. */
  readonly parameters?: Readonly<Record<string, { readonly description: string; readonly schema: z.ZodType }>>
  readonly headers?: readonly RequestHeader[]
  readonly body?: BodyDescription
  readonly answers: Readonly<Record<number, AnswerDescription>>
  /** Codes of the catalogue that are this route's own. */
  readonly problems?: readonly ProblemCode[]
  /** The form of its errors: problem details (RFC 9457) when not given, those of RFC 6749 section 5.2, or pages. */
  readonly errors?: 'problem' | 'oauth' | 'page'
}

/** Descriptions by the names of their routes, each name a literal type, so that none can be left out unnoticed. */
export function describeRoutes<Name extends string>(
  operations: Readonly<Record<Name, Operation>>,
): Readonly<Record<Name, Operation>> {
  return operations
}

/** An instant in an answer: ISO 8601 in UTC, with milliseconds. */
export const timestamp = z.iso.datetime({ precision: 3 }).meta({ examples: ['2030-01-31T00:00:00.000Z'] })

export const uuid = z.guid()

/** `{"data": …}`, as management answers. */
export function dataOf<Data extends z.ZodType>(data: Data) {
  return z.object({ data })
}

/** A resource as management answers it. */
export function resource<Type extends string, Attributes extends z.ZodType>(
  type: Type,
  attributes: Attributes,
) {
  return z.object({ id: uuid, type: z.literal(type), attributes })
}

/** What a page says of itself. */
export const pageMeta = z
  .object({
    page: z.int(),
    per_page: z.int(),
    total: z.int(),
    total_capped: z.literal(true).optional().meta({ description: 'There are more than `total`' }),
    total_pages: z.int(),
    next_cursor: z.string().nullable().optional().meta({
      description:
        'Goes on after this page; null on the last one and in an order that has none, absent where a list has none',
    }),
  })
  .meta({ id: 'PageMeta' })

/** `{"data": […], "meta": …}`: one page of a longer list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), meta: pageMeta })
}

import { apiUrl } from '../place.ts'
import { SignedOut, session } from '../sign-in/session.ts'

/** One fault of what was sent: `pointer` into a body, or the `parameter` of a query. */
export interface Fault {
  readonly pointer?: string
  readonly parameter?: string
  readonly detail: string
}

/** What the server answers instead of what was asked for (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly faults: readonly Fault[]
  readonly requestId: string | null

  constructor(response: Response, body: Partial<ProblemBody>) {
    super(body.detail ?? `The server answered ${response.status}.`)
    this.status = response.status
    this.code = body.code ?? 'unknown'
    this.title = body.title ?? 'This did not work'
    this.faults = body.errors ?? []
    this.requestId = response.headers.get('x-request-id')
  }
}

/** No answer came. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

interface ProblemBody {
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errors: readonly Fault[]
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Parameters of a query; those that are undefined are not sent. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface CallOptions {
  readonly query?: Query
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Sent without a credential: what the secret of a one-time link opens. */
  readonly open?: boolean
}

/**
 * Calls the API as the person who is signed in.
 * @param path below `/v1/api/`
 * @throws ApiProblem for what the server refuses, Unreachable without an answer, SignedOut when the session has ended
 */
export async function call(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
  const url = apiUrl(path)
  for (const [name, value] of Object.entries(options.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value))
  const headers = new Headers(options.headers)
  if (!options.open) headers.set('Authorization', `Bearer ${await session.accessToken()}`)
  if (options.body) headers.set('Content-Type', 'application/json')
  const response = await fetch(url, {
    method,
    headers,
    credentials: 'omit',
    // An ETag stands for what can be written: the counters beside it must not come from an older answer.
    cache: 'no-store',
    ...(options.body ? { body: JSON.stringify(options.body) } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  }).catch(error => {
    if (options.signal?.aborted) throw error
    throw new Unreachable('The server cannot be reached. Check the connection.')
  })
  if (response.ok) return response
  if (response.status === 401 && !options.open) {
    session.drop()
    throw new SignedOut()
  }
  throw new ApiProblem(response, await response.json().catch(() => ({})))
}

/** One page of a longer list. */
export interface Paged<Item> {
  readonly data: readonly Item[]
  readonly meta: {
    readonly page: number
    readonly per_page: number
    readonly total: number
    readonly total_capped?: true | undefined
    readonly total_pages: number
    readonly next_cursor?: string | null | undefined
  }
}

/** A body whose fields are attributes (JSON:API). */
export function attributes(fields: object): { readonly body: object } {
  return { body: { data: { attributes: fields } } }
}

/** Calls the API and reads its answer. @throws as `call` does */
export async function read<Answer>(path: string, options?: CallOptions): Promise<Answer> {
  const answer: Answer = await (await call('GET', path, options)).json()
  return answer
}

/** Reads a list to its end, page after page. @throws as `call` does */
export async function readAll<Item>(path: string, options: CallOptions = {}): Promise<Item[]> {
  const items: Item[] = []
  for (let cursor: string | undefined | null = undefined; cursor !== null; ) {
    const query = { ...options.query, per_page: 100, cursor }
    const page: Paged<Item> = await read(path, { ...options, query })
    items.push(...page.data)
    cursor = page.meta.next_cursor ?? null
  }
  return items
}

export type ExportFormat = 'json' | 'csv' | 'jsonl'

/** A file, with the name that the server gives it. */
export interface SavedFile {
  readonly name: string
  readonly content: Blob
}

/** Reads an export. @throws as `call` does, ApiProblem `too_many_rows` among them */
export async function readFile(path: string, query: Query): Promise<SavedFile> {
  const response = await call('GET', path, { query })
  const named = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  return { name: named ?? `export.${String(query.format)}`, content: await response.blob() }
}

/** Makes or changes something and reads the answer. @throws as `call` does */
export async function send<Answer>(
  method: Exclude<Method, 'GET'>,
  path: string,
  options?: CallOptions,
): Promise<Answer> {
  const answer: Answer = await (await call(method, path, options)).json()
  return answer
}

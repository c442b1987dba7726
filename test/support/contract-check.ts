import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { createDocument } from '../../src/contract/document.ts'

const DOCUMENT = 'contract'
const PROBLEM_TYPE = 'application/problem+json'
/** Answers beyond this are checked by their status and headers alone. */
const LONGEST_BODY = 2_000_000
/** The metadata of an issuer with a path, which the document has for one without (RFC 8414 section 3.1). */
const ISSUER_WITH_PATH = /^(\/\.well-known\/oauth-authorization-server)\/.+/
/** What a path that nobody serves, or not with this method, is answered. */
const UNSERVED = [404, 405, 501, 400, 500, 503]

const document = createDocument('http://localhost:3000')
const ajv = new Ajv2020({ strict: false, allErrors: false })
addFormats.default(ajv, ['date', 'date-time', 'email', 'uuid', 'uri', 'ipv4', 'ipv6'])
// Ranges have no format of JSON Schema's own.
for (const range of ['cidrv4', 'cidrv6']) ajv.addFormat(range, true)
ajv.addSchema(document, DOCUMENT)

/** The document that answers are held against, in pieces that a test can ask about. */
export const contract = { document, ajv }

interface DescribedPath {
  readonly path: string
  readonly pattern: RegExp
  readonly parameters: number
}

// Paths with fewer parameters first: `/things/list` before `/things/{id}`. A `{path}` has slashes in it.
const paths: readonly DescribedPath[] = Object.keys(document.paths)
  .map(path => ({
    path,
    pattern: new RegExp(
      `^${path
        .replaceAll('.', '\\.')
        .replace('{path}', '.+')
        .replace(/\{\w+\}/g, '[^/]+')}/?$`,
      'i',
    ),
    parameters: path.split('{').length - 1,
  }))
  .toSorted((one, other) => one.parameters - other.parameters)

const validators = new Map<string, ValidateFunction>()
const deviations: string[] = []

/** The deviations since it was last asked. */
export function takeDeviations(): string[] {
  return deviations.splice(0)
}

/** Holds the answer to a request against the document, once it has been sent. */
export function watchAnswer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  const collect = (chunk: unknown) => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk))
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
  }
  const { write, writeHead, end } = response
  /** What is handed over with the head is in no list of the answer's. */
  let head: OutgoingHttpHeaders = {}
  response.writeHead = (...parameters: unknown[]) => {
    const given = parameters.at(-1)
    if (Array.isArray(given)) head = headersOf(given)
    return Reflect.apply(writeHead, response, parameters)
  }
  response.write = (...parameters: unknown[]) => {
    collect(parameters[0])
    return Reflect.apply(write, response, parameters)
  }
  response.end = (...parameters: unknown[]) => {
    collect(parameters[0])
    return Reflect.apply(end, response, parameters)
  }
  response.once('finish', () => {
    const { method = '', url = '' } = request
    const answer = {
      status: response.statusCode,
      headers: { ...response.getHeaders(), ...head },
      body: unpacked(Buffer.concat(chunks), response),
    }
    const deviation = deviationOf(method, url, answer)
    if (deviation) deviations.push(`${method} ${url.split('?')[0]} answered ${answer.status}: ${deviation}`)
  })
}

/** @param pairs names and values in turn */
function headersOf(pairs: readonly string[]): OutgoingHttpHeaders {
  const names = pairs.filter((_name, at) => at % 2 === 0)
  return Object.fromEntries(names.map((name, at) => [name.toLowerCase(), pairs[at * 2 + 1]]))
}

function unpacked(body: Buffer, response: ServerResponse): Buffer {
  const coding = response.getHeader('content-encoding')
  if (body.length === 0) return body
  if (coding === 'br') return brotliDecompressSync(body)
  return coding === 'gzip' ? gunzipSync(body) : body
}

interface SentAnswer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

/** What is not as the document says; undefined when all is. */
export function deviationOf(method: string, target: string, answer: SentAnswer): string | undefined {
  if (method === 'OPTIONS') return undefined
  // A target can be a whole URL (RFC 9112 section 3.2.2).
  const [whole = ''] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?')
  const path = whole.replace(ISSUER_WITH_PATH, '$1')
  const found = paths.find(one => one.pattern.test(path))
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  const operation = found && document.paths[found.path]?.[verb]
  if (!found || !operation)
    return UNSERVED.includes(answer.status)
      ? bodyDeviation(method, answer, { [PROBLEM_TYPE]: '#/components/schemas/Problem' })
      : 'a route that the document does not have'
  const described = isRecord(operation.responses) ? operation.responses[answer.status] : undefined
  if (!isRecord(described)) return 'a status that the document does not have for it'
  const shared = typeof described.$ref === 'string' ? described.$ref : undefined
  const at = shared ?? `#/paths/${pointer(found.path)}/${verb}/responses/${answer.status}`
  return answerDeviation(resolveAnswer(described), at, method, answer)
}

/** An answer as it is described, where operations share it too. */
export function resolveAnswer(described: Record<string, unknown>): Record<string, unknown> {
  const name =
    String(described.$ref ?? '')
      .split('/')
      .at(-1) ?? ''
  return document.components.responses[name] ?? described
}

function answerDeviation(
  { headers, content }: Record<string, unknown>,
  at: string,
  method: string,
  answer: SentAnswer,
): string | undefined {
  const missing = Object.entries(isRecord(headers) ? headers : {})
    .filter(([, header]) => isRecord(header) && header.required === true)
    .map(([name]) => name)
    .filter(name => answer.headers[name.toLowerCase()] === undefined)
  if (missing.length > 0) return `without ${missing.join(', ')}`
  if (!isRecord(content))
    return answer.body.length === 0 || method === 'HEAD' ? undefined : 'a body where none is described'
  const places = Object.keys(content).map(type => [type, `${at}/content/${pointer(type)}/schema`])
  return bodyDeviation(method, answer, Object.fromEntries(places))
}

/** @param schemas where the schema of each media type is */
function bodyDeviation(
  method: string,
  { headers, body }: SentAnswer,
  schemas: Readonly<Record<string, string>>,
): string | undefined {
  if (method === 'HEAD') return undefined
  const type = String(headers['content-type']).split(';')[0] ?? ''
  const at = schemas[type]
  if (at === undefined) return `the media type ${type}`
  if (!/json$/.test(type) || body.length > LONGEST_BODY) return undefined
  const validate = validatorOf(at)
  return validate(JSON.parse(body.toString('utf8'))) ? undefined : ajv.errorsText(validate.errors)
}

function validatorOf(at: string): ValidateFunction {
  const known = validators.get(at)
  if (known) return known
  const made = ajv.compile({ $ref: `${DOCUMENT}${at}` })
  validators.set(at, made)
  return made
}

function pointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

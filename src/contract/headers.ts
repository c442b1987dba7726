import { ANSWER_HEADERS, type AnswerHeader, REQUEST_HEADERS, type RequestHeader } from '../http/operation.ts'
import type { JsonSchema } from './json-schema.ts'

/** What the values of headers look like, where that is more than text. */
const ANSWER_VALUES: Partial<Record<AnswerHeader, JsonSchema>> = {
  'Cache-Control': { type: 'string', examples: ['no-store'] },
  'Content-Disposition': { type: 'string', examples: ['attachment; filename="export.csv"'] },
  ETag: { type: 'string', pattern: '^(W/)?"[^"]*"$', examples: ['"1-7f3a"'] },
  Location: { type: 'string', format: 'uri-reference' },
  RateLimit: { type: 'string', examples: ['"grants";r=59;t=1'] },
  'RateLimit-Policy': { type: 'string', examples: ['"grants";q=60;w=60'] },
  'Retry-After': { type: 'integer', minimum: 0, examples: [2] },
  'WWW-Authenticate': { type: 'string', examples: ['Bearer error="invalid_token"'] },
  'X-Request-Id': { type: 'string', examples: ['01a1fc50-b7ad-71f9-b8ca-8d66a0df7662'] },
}

const REQUEST_VALUES: Partial<Record<RequestHeader, JsonSchema>> = {
  'If-Match': { type: 'string', examples: ['"1-7f3a"'] },
  'If-None-Match': { type: 'string', examples: ['"1-7f3a"'] },
  'Idempotency-Key': { type: 'string', minLength: 1, maxLength: 255, examples: ['0b8e7a52-order-4711'] },
}

const TEXT: JsonSchema = { type: 'string' }

/** A header of an answer, as OpenAPI has it. @param required whether the answer always has it */
export function describeAnswerHeader(name: AnswerHeader, required: boolean): Record<string, unknown> {
  return { description: ANSWER_HEADERS[name], required, schema: ANSWER_VALUES[name] ?? TEXT }
}

/** A header of a request, as OpenAPI has it. */
export function describeRequestHeader(name: RequestHeader): Record<string, unknown> {
  return {
    name,
    in: 'header',
    required: false,
    description: REQUEST_HEADERS[name],
    schema: REQUEST_VALUES[name] ?? TEXT,
  }
}

import { z } from 'zod'
import type { JsonSchema } from '../../src/contract/json-schema.ts'
import { partsOf } from '../../src/contract/json-schema.ts'
import { OPERATIONS } from '../../src/contract/operations.ts'
import { TAGS } from '../../src/contract/words.ts'
import { contract, resolveAnswer } from '../support/contract-check.ts'

const { document, ajv } = contract

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null
const schema = z.custom<JsonSchema>(isSchema)
const media = z.record(z.string(), z.object({ schema, example: z.unknown().optional() }))
const header = z.object({ description: z.string(), required: z.boolean(), schema })
const answer = z.object({
  description: z.string().optional(),
  headers: z.record(z.string(), header),
  content: media.optional(),
})
const operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.object({ name: z.string(), in: z.string(), description: z.string().optional(), schema }),
  ),
  requestBody: z.object({ description: z.string(), content: media }).optional(),
  responses: z.record(z.string(), z.record(z.string(), z.unknown())),
})

const operations = Object.values(document.paths)
  .flatMap(methods => Object.values(methods))
  .map(one => operation.parse(one))
const answers = operations.flatMap(({ operationId, responses }) =>
  Object.entries(responses).map(([status, described]) => ({
    where: `${operationId} ${status}`,
    status: Number(status),
    ...answer.parse(resolveAnswer(described)),
  })),
)

/** Every field of the document: properties of named schemas, however deep, and parameters. */
const fields = [
  ...Object.entries(document.components.schemas).flatMap(([name, one]) => fieldsOf(one, name)),
  ...operations.flatMap(({ operationId, parameters }) =>
    parameters.map(one => ({
      where: `${operationId}?${one.name}`,
      name: one.name,
      schema: { ...one.schema, ...(one.description === undefined ? {} : { description: one.description }) },
    })),
  ),
]

interface Field {
  readonly where: string
  readonly name: string
  readonly schema: JsonSchema
}

function fieldsOf(one: JsonSchema, where: string): Field[] {
  const own = Object.entries(one.properties ?? {}).flatMap(([name, property]) =>
    typeof property === 'object' ? [{ where: `${where}.${name}`, name, schema: property }] : [],
  )
  return [...own, ...partsOf(one).flatMap(part => fieldsOf(part, where))]
}

/** Whether programs are told of a refusal: not by a page, nor by what is asked for. */
function isRefusal(content: z.output<typeof media>): boolean {
  const { 'application/problem+json': problem, 'application/json': json } = content
  return problem !== undefined || json?.schema.$ref === '#/components/schemas/OAuthError'
}

/** Words, rather than a name or a number: one that says nothing is none. */
const isSaid = (text: string | undefined) => /\w\W+\w/.test(text ?? '')

// Each of these lists what is missing. The words for a field are in its schema (`.meta({ description })`) or, where its
// name says the same everywhere, in src/contract/words.ts.
describe('the document says', () => {
  it('what each field and parameter means', () => {
    const mute = fields.filter(field => field.schema.$ref === undefined && !isSaid(field.schema.description))
    expect(mute.map(({ where }) => where)).toEqual([])
    expect(fields.length).toBeGreaterThan(500)
  })

  it('what each operation, tag, answer, header and named schema is', () => {
    const mute = [
      ...operations.filter(({ summary }) => !isSaid(summary)).map(({ operationId }) => operationId),
      ...answers.filter(({ description }) => (description ?? '').length < 5).map(({ where }) => where),
      ...answers.flatMap(({ where, headers }) =>
        Object.entries(headers)
          .filter(([, one]) => !isSaid(one.description) || one.schema.type === undefined)
          .map(([name]) => `${where} ${name}`),
      ),
      ...Object.entries(document.components.schemas)
        .filter(([, one]) => !isSaid(one.description))
        .map(([name]) => name),
      ...Object.values(OPERATIONS)
        .filter(({ tag }) => TAGS[tag] === undefined)
        .map(({ tag }) => tag),
    ]
    expect(mute).toEqual([])
  })

  it('by a name what is sent and answered, so that generators have a type of it', () => {
    const bodies = operations.flatMap(({ operationId, requestBody }) =>
      Object.values(requestBody?.content ?? {}).map(one => ({ where: operationId, ...one })),
    )
    const sent = answers.flatMap(({ where, content }) =>
      Object.values(content ?? {}).map(one => ({ where, ...one })),
    )
    const nameless = [...bodies, ...sent].filter(
      one => one.schema.$ref === undefined && one.schema.type !== 'string',
    )
    expect(nameless.map(({ where }) => where)).toEqual([])
  })

  it('how each body looks, by an example that its schema takes', () => {
    for (const { operationId, requestBody } of operations)
      for (const one of Object.values(requestBody?.content ?? {})) {
        const validate = ajv.compile({ $ref: `contract${one.schema.$ref}` })
        expect([operationId, one.example, validate(one.example), validate.errors]).toEqual([
          operationId,
          one.example,
          true,
          null,
        ])
      }
  })

  it('which type a value has: booleans, whole numbers with their least, times with their format', () => {
    const wrong = fields.filter(({ name, schema: one }) => {
      if (one.enum?.some(value => value === 'true' || value === 'false')) return true
      if (one.type === 'integer' && one.enum === undefined && one.minimum === undefined) return true
      // What is read-only comes back as it was read: its type is that of the answer.
      return (
        one.readOnly !== true &&
        /[a-z]At$|_at$/.test(name) &&
        !JSON.stringify(one).includes('"format":"date-time"')
      )
    })
    expect(wrong.map(({ where }) => where)).toEqual([])
  })

  it('which headers come with a refusal', () => {
    const lacking = answers.filter(({ status, headers, content = {} }) => {
      if (headers['X-Request-Id'] === undefined) return true
      if (!isRefusal(content)) return false
      if (status === 429 || status === 503) return headers['Retry-After']?.schema.type !== 'integer'
      return status === 401 && headers['WWW-Authenticate'] === undefined
    })
    expect(lacking.map(({ where }) => where)).toEqual([])
  })

  it('by one word each operation, after the name of its route', () => {
    const ids = operations.map(({ operationId }) => operationId)
    expect(ids.filter(id => !/^[a-z][A-Za-z0-9]*$/.test(id))).toEqual([])
    const names = Object.keys(OPERATIONS).map(name => name.replace(/[._]/g, '').toLowerCase())
    expect(ids.map(id => id.toLowerCase()).toSorted()).toEqual(names.toSorted())
  })
})

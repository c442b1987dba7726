import { z } from 'zod'
import { OPERATIONS } from '../../src/contract/operations.ts'
import { contract } from '../support/contract-check.ts'
import { servedRoutes } from '../support/routes.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let document: z.output<typeof shape>

const schema = z.looseObject({})
const parameter = z.strictObject({
  name: z.string().min(1),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  description: z.string().optional(),
  schema,
})
const content = z.record(z.string().regex(/^\w+\/[\w.+-]+$/), z.strictObject({ schema }))
const answer = z.strictObject({
  description: z.string().min(1),
  headers: z.record(z.string(), z.strictObject({ required: z.boolean(), description: z.string(), schema })),
  content: content.optional(),
})
const operation = z.strictObject({
  operationId: z.string(),
  tags: z.array(z.string()).min(1),
  summary: z.string().min(1),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), answer),
})
/** The objects of OpenAPI 3.1 that the document has, with no member that they do not. */
const shape = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.url() })),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'delete', 'patch']), operation),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), schema),
    securitySchemes: z.record(
      z.string(),
      z.union([
        z.strictObject({ type: z.literal('http'), scheme: z.string(), description: z.string() }),
        z.strictObject({
          type: z.literal('apiKey'),
          in: z.literal('header'),
          name: z.string(),
          description: z.string(),
        }),
      ]),
    ),
  }),
})

beforeAll(async () => {
  server = await startServer({ env: { METRICS_TOKEN: 'sixteen characters and more' } })
  document = shape.parse((await server.http.get('/openapi.json')).body)
})
afterAll(() => server.close())

const operationsOf = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method, described })),
  )

/** Every value of a member with this name, wherever in a JSON value. */
function valuesOf(name: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [
    ...(key === name ? [member] : []),
    ...valuesOf(name, member),
  ])
}

describe('the document', () => {
  it('has every route that the server serves, and no other', () => {
    const { guarded, open } = servedRoutes(server.deps)
    const served = [...guarded, ...open].map(({ method, pattern }) => `${method} ${pattern}`)
    const described = Object.values(OPERATIONS).map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(described.toSorted()).toEqual(served.toSorted())
    expect(operationsOf()).toHaveLength(served.length)
  })

  it('calls each guarded route as the authorization table does, and asks for a credential there', () => {
    for (const { method, pattern, rule } of servedRoutes(server.deps).guarded) {
      const { path, method: verb, access } = OPERATIONS[rule] ?? {}
      expect([rule, verb?.toUpperCase(), path, access]).toEqual([rule, method, pattern, 'principal'])
    }
  })

  it('consists of JSON Schemas that its dialect allows', () => {
    const schemas = [...valuesOf('schema', document.paths), ...Object.values(document.components.schemas)]
    expect(schemas.length).toBeGreaterThan(100)
    for (const one of schemas) {
      const valid = contract.ajv.validateSchema(z.looseObject({}).parse(one))
      expect([one, valid, contract.ajv.errors]).toEqual([one, true, null])
    }
  })

  it('refers to nothing that it does not have', () => {
    const names = Object.keys(document.components.schemas)
    const references = valuesOf('$ref', document)
    expect(references.length).toBeGreaterThan(10)
    for (const reference of references)
      expect(names.map(name => `#/components/schemas/${name}`)).toContain(reference)
    const schemes = Object.keys(document.components.securitySchemes)
    for (const { described } of operationsOf())
      for (const name of described.security.flatMap(Object.keys)) expect(schemes).toContain(name)
  })

  it('names each operation once, and describes each parameter of its path', () => {
    const ids = operationsOf().map(({ described }) => described.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, described } of operationsOf()) {
      const inPath = described.parameters.filter(one => one.in === 'path').map(one => `{${one.name}}`)
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath)
    }
  })

  it('describes the fields of a pass by the rules that validate them', () => {
    const body =
      document.paths['/v1/api/organizations/{orgId}/projects/{projectId}/sentinel_passes']?.post?.requestBody
        ?.content['application/json']?.schema
    expect(body).toMatchObject({
      additionalProperties: false,
      required: ['sentinelPass'],
      properties: {
        sentinelPass: {
          additionalProperties: false,
          required: ['title'],
          properties: {
            title: { type: 'string', maxLength: 100, minLength: 1 },
            passId: { pattern: '^SP-\\d{4}-[A-Z0-9]{6}$' },
            accessLevel: { enum: ['basic', 'standard', 'premium', 'enterprise'] },
            scopes: { type: ['array', 'string'], maxItems: 100 },
          },
        },
      },
    })
  })

  it('describes the query as it is read: defaults, limits and choices', () => {
    const parameters =
      document.paths['/v1/api/oauth/agent/activity/logs']?.get?.parameters.map(
        one => [one.name, one] as const,
      ) ?? []
    const { page, per_page, agent_user_id, success } = Object.fromEntries(parameters)
    expect(agent_user_id).toMatchObject({ required: true, schema: { format: 'uuid' } })
    expect(page).toMatchObject({ required: false, schema: { type: 'integer', minimum: 1, default: 1 } })
    expect(per_page?.schema).toEqual({ type: 'integer', enum: [10, 25, 50, 100], default: 25 })
    expect(success?.schema).toMatchObject({ enum: ['true', 'false'] })
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { z } from 'zod'
import { OPERATIONS } from '../../src/contract/operations.ts'
import { contract } from '../support/contract-check.ts'
import { servedRoutes } from '../support/routes.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let document: z.output<typeof shape>

const described = z.looseObject({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.looseObject({ name: z.string(), in: z.string(), required: z.boolean(), schema: z.looseObject({}) }),
  ),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.looseObject({}) })) })
    .optional(),
})
/** What the tests below read of the document. */
const shape = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), described)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.looseObject({})),
    responses: z.record(z.string(), z.looseObject({})),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
})

/**
 * The schema that the OpenAPI Initiative publishes (spec.openapis.org/oas/3.1/schema/2025-11-23, Apache-2.0). It
 * leaves the schemas in a document to their dialect, by a dynamic reference that ajv does not follow: those are
 * checked by a test of their own.
 */
const openapi: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, 'openapi-3.1.schema.json'), 'utf8').replaceAll(
    '"$dynamicRef": "#meta"',
    '"type": ["object", "boolean"]',
  ),
)

beforeAll(async () => {
  server = await startServer({ env: { METRICS_TOKEN: 'sixteen characters and more' } })
  document = shape.parse((await server.http.get('/openapi.json')).body)
})
afterAll(() => server.close())

const operationsOf = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
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
  it('is one of OpenAPI 3.1, by the schema that its authors publish', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'media-range': true } })
    addFormats.default(ajv)
    const validate = ajv.compile(z.looseObject({}).parse(openapi))
    expect([validate(document), validate.errors]).toEqual([true, null])
  })

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
    const { schemas: named, responses } = document.components
    const schemas = [...valuesOf('schema', [document.paths, responses]), ...Object.values(named)]
    expect(schemas.length).toBeGreaterThan(100)
    for (const one of schemas) {
      const valid = contract.ajv.validateSchema(z.looseObject({}).parse(one))
      expect([one, valid, contract.ajv.errors]).toEqual([one, true, null])
    }
  })

  it('refers to nothing that it does not have', () => {
    const { schemas, responses } = document.components
    const places = Object.entries({ schemas, responses }).flatMap(([kind, named]) =>
      Object.keys(named).map(name => `#/components/${kind}/${name}`),
    )
    const references = valuesOf('$ref', document)
    expect(references.length).toBeGreaterThan(10)
    for (const reference of references) expect(places).toContain(reference)
    const schemes = Object.keys(document.components.securitySchemes)
    for (const { operation } of operationsOf())
      for (const name of operation.security.flatMap(Object.keys)) expect(schemes).toContain(name)
  })

  it('names each operation once, and describes each parameter of its path', () => {
    const ids = operationsOf().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, operation } of operationsOf()) {
      const inPath = operation.parameters.filter(one => one.in === 'path').map(one => `{${one.name}}`)
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath)
    }
  })

  it('describes the fields of a pass by the rules that validate them', () => {
    const post = document.paths['/v1/api/organizations/{orgId}/projects/{projectId}/sentinel_passes']?.post
    const body = { $ref: '#/components/schemas/PassesCreateRequest' }
    expect(post?.requestBody?.content['application/json']?.schema).toEqual(body)
    expect(document.components.schemas.PassesCreateRequest).toMatchObject({
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
    // Either this or pass_id.
    expect(agent_user_id).toMatchObject({ required: false, schema: { format: 'uuid' } })
    expect(page).toMatchObject({ required: false, schema: { type: 'integer', minimum: 1, default: 1 } })
    expect(per_page?.schema).toEqual({ type: 'integer', enum: [10, 25, 50, 100], default: 25 })
    expect(success?.schema).toEqual({ type: 'boolean' })
  })
})

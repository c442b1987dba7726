import { type RouteName, RULES } from '../access/rules.ts'
import type { AnswerDescription, BodyDescription, Operation } from '../http/operation.ts'
import { SIGN_IN_ROUTES } from '../sign-in/sign-in-provider.ts'
import { answersOf } from './answers.ts'
import { exampleOf } from './examples.ts'
import { describeAnswerHeader, describeRequestHeader } from './headers.ts'
import { type JsonSchema, JsonSchemas } from './json-schema.ts'
import { OPERATIONS } from './operations.ts'
import { PARAMETERS, TAGS, type Words } from './words.ts'

type Members = Record<string, unknown>

/** An OpenAPI 3.1 document. */
export interface ContractDocument {
  readonly openapi: '3.1.1'
  readonly info: Members
  readonly servers: readonly Members[]
  readonly tags: readonly Members[]
  /** Operations by path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Members>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, Members>>
  } & Members
}

/** What operations share, gathered while they are described. */
interface Shared {
  readonly schemas: JsonSchemas
  readonly responses: Record<string, Members>
}

const SECURITY_SCHEMES = {
  apiKey: { type: 'apiKey', in: 'header', name: 'Api-Key', description: 'An API key of the project' },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The access token of a pass, or an API key of the project',
  },
  client: {
    type: 'http',
    scheme: 'basic',
    description:
      'Client id and secret of a pass (`client_secret_basic`); a form can have them instead, or an assertion (`private_key_jwt`)',
  },
  metricsToken: { type: 'http', scheme: 'bearer', description: '`METRICS_TOKEN` of the settings' },
} as const

/** How a person comes to an access token. @param publicUrl without a trailing slash */
function userScheme(publicUrl: string): Members {
  return {
    type: 'oauth2',
    description: 'The access token of a signed-in user, sent as Bearer',
    flows: {
      authorizationCode: {
        authorizationUrl: `${publicUrl}${SIGN_IN_ROUTES.authorization}`,
        tokenUrl: `${publicUrl}${SIGN_IN_ROUTES.token}`,
        scopes: { openid: 'Who it is', profile: 'Their name', email: 'Their email' },
      },
    },
  }
}

const SECURITY: Readonly<Record<Operation['access'], readonly Members[]>> = {
  // Two may come together; then they have to agree on the project.
  principal: [
    { apiKey: [] },
    { bearer: [] },
    { user: [] },
    { apiKey: [], bearer: [] },
    { apiKey: [], user: [] },
  ],
  client: [{ client: [] }, {}],
  client_or_api_key: [{ client: [] }, { apiKey: [] }, { bearer: [] }, {}],
  metrics_token: [{ metricsToken: [] }],
  anybody: [],
}

/** The headers that tell a pass of its limit, wherever one counts. */
const LIMIT_HEADERS = ['RateLimit', 'RateLimit-Policy'] as const
const LIMITED: readonly Operation['access'][] = ['principal', 'client', 'client_or_api_key']

/**
 * Describes every route of the server (OpenAPI 3.1), from the schemas that validate its requests.
 * @param publicUrl issuer and base of every URL
 */
export function createDocument(publicUrl: string): ContractDocument {
  const shared: Shared = { schemas: new JsonSchemas(), responses: {} }
  const paths: Record<string, Record<string, Members>> = {}
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const path = operation.path.replace(/[:*](\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method]: describeOperation(name, operation, shared) }
  }
  const tags = [...new Set(Object.values(OPERATIONS).map(operation => operation.tag))]
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sentinel Pass',
      version: '1',
      description: 'An OAuth 2.0 authorization server for machine agents: one client for each agent.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    tags: tags.map(tag => ({ name: tag, description: TAGS[tag] ?? tag })),
    paths,
    components: {
      schemas: shared.schemas.components,
      responses: shared.responses,
      securitySchemes: { ...SECURITY_SCHEMES, user: userScheme(publicUrl) },
    },
  }
}

function describeOperation(name: string, operation: Operation, shared: Shared): Members {
  const answers = Object.entries(answersOf(operation))
  return {
    operationId: operationIdOf(name),
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    security: securityOf(name, operation),
    parameters: describeParameters(name, operation, shared.schemas),
    ...(operation.body ? { requestBody: describeBody(name, operation, operation.body, shared.schemas) } : {}),
    responses: Object.fromEntries(
      answers.map(([status, answer]) => {
        const own = `${schemaNameOf(name)}${Number(status) < 300 ? '' : status}Answer`
        return [status, describeAnswer(own, operation, answer, shared)]
      }),
    ),
  }
}

/** `audit_events.list` becomes `auditEventsList`: a word that generators make a function of as it stands. */
function operationIdOf(name: string): string {
  return name.replace(/[._](\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** `passes.create` becomes `PassesCreate`. */
function schemaNameOf(name: string): string {
  const id = operationIdOf(name)
  return `${id.charAt(0).toUpperCase()}${id.slice(1)}`
}

function describeBody(
  name: string,
  operation: Operation,
  { schema, type = 'application/json', required }: BodyDescription,
  schemas: JsonSchemas,
): Members {
  const otherwise = {
    name: `${schemaNameOf(name)}Request`,
    description: `What is sent to: ${operation.summary}`,
  }
  const named = schemas.named(schema, 'input', otherwise)
  const example = exampleOf(named, schemas.components)
  return { description: otherwise.description, required, content: { [type]: { schema: named, example } } }
}

function describeParameters(name: string, operation: Operation, schemas: JsonSchemas): Members[] {
  const inPath = [...operation.path.matchAll(/(\w+)\/[:*](\w+)/g)].map(([, before = '', parameter = '']) => {
    const known = operation.parameters?.[parameter]
    const schema = known ? schemas.of(known.schema, 'input') : { type: 'string', format: 'uuid' }
    const words = known ?? PARAMETERS[`${before}/${parameter}`] ?? PARAMETERS[parameter]
    return { name: parameter, in: 'path', required: true, description: words?.description, schema }
  })
  const inQuery = operation.query
    ? schemas.parameters(operation.query).map(({ name: parameter, required, schema }) => {
        const words = PARAMETERS[`${name}.${parameter}`] ?? PARAMETERS[parameter] ?? {}
        return describeQueryParameter(parameter, required, schema, words)
      })
    : []
  return [...inPath, ...inQuery, ...(operation.headers ?? []).map(describeRequestHeader)]
}

/** What the schema says itself counts first. */
function describeQueryParameter(
  name: string,
  required: boolean,
  { description, ...schema }: JsonSchema,
  words: Words,
): Members {
  const { examples } = words
  return {
    name,
    in: 'query',
    required,
    description: description ?? words.description,
    schema: examples === undefined ? schema : { examples, ...schema },
  }
}

/** What the route can be called with: some are for people alone. */
function securityOf(name: string, { access }: Operation): readonly Members[] {
  if (!isRouteName(name)) return SECURITY[access]
  const { apiKey, passScopes } = RULES[name]
  return apiKey || passScopes.length > 0 ? SECURITY[access] : [{ user: [] }]
}

function isRouteName(name: string): name is RouteName {
  return name in RULES
}

/** The answer itself, or where it is when other operations have it, too. */
function describeAnswer(
  schemaName: string,
  operation: Operation,
  answer: AnswerDescription,
  { schemas, responses }: Shared,
): Members {
  const limited = LIMITED.includes(operation.access)
  const described = {
    description: answer.description,
    headers: describeHeaders(answer, limited),
    ...describeContent(schemaName, answer, schemas),
  }
  if (answer.name === undefined) return described
  const shared = limited ? answer.name : `${answer.name}Unlimited`
  responses[shared] = described
  return { $ref: `#/components/responses/${shared}` }
}

function describeHeaders({ headers = [], sometimes = [] }: AnswerDescription, limited: boolean): Members {
  const always = [...headers, 'X-Request-Id' as const].map(name => [name, describeAnswerHeader(name, true)])
  const others = [...sometimes, ...(limited ? LIMIT_HEADERS : [])]
  return Object.fromEntries([...others.map(name => [name, describeAnswerHeader(name, false)]), ...always])
}

function describeContent(name: string, answer: AnswerDescription, schemas: JsonSchemas): Members {
  const content = answer.content ?? (answer.schema ? { 'application/json': answer.schema } : undefined)
  if (!content) return {}
  const otherwise = { name, description: answer.description }
  const media = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: schemas.named(schema, 'output', otherwise) },
  ])
  return { content: Object.fromEntries(media) }
}

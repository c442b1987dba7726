import { type RouteName, RULES } from '../access/rules.ts'
import {
  ANSWER_HEADERS,
  type AnswerDescription,
  type AnswerHeader,
  type Operation,
  REQUEST_HEADERS,
} from '../http/operation.ts'
import { SIGN_IN_ROUTES } from '../tokens/sign-in-provider.ts'
import { answersOf } from './answers.ts'
import { type JsonSchema, JsonSchemas } from './json-schema.ts'
import { OPERATIONS } from './operations.ts'

type Members = Record<string, unknown>

/** An OpenAPI 3.1 document. */
export interface ContractDocument {
  readonly openapi: '3.1.1'
  readonly info: Members
  readonly servers: readonly Members[]
  readonly tags: readonly Members[]
  /** Operations by path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Members>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> } & Members
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
  const schemas = new JsonSchemas()
  const paths: Record<string, Record<string, Members>> = {}
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const path = operation.path.replace(/[:*](\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method]: describeOperation(name, operation, schemas) }
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
    tags: tags.map(tag => ({ name: tag })),
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: { ...SECURITY_SCHEMES, user: userScheme(publicUrl) },
    },
  }
}

function describeOperation(name: string, operation: Operation, schemas: JsonSchemas): Members {
  const { body } = operation
  const answers = Object.entries(answersOf(operation))
  return {
    operationId: name,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    security: securityOf(name, operation),
    parameters: describeParameters(operation, schemas),
    ...(body
      ? {
          requestBody: {
            required: body.required,
            content: { [body.type ?? 'application/json']: { schema: schemas.of(body.schema, 'input') } },
          },
        }
      : {}),
    responses: Object.fromEntries(
      answers.map(([status, answer]) => [status, describeAnswer(operation, answer, schemas)]),
    ),
  }
}

function describeParameters(operation: Operation, schemas: JsonSchemas): Members[] {
  const inPath = [...operation.path.matchAll(/[:*](\w+)/g)].map(([, name = '']) => {
    const known = operation.parameters?.[name]
    const schema = known ? schemas.of(known.schema, 'input') : { type: 'string', format: 'uuid' }
    return {
      name,
      in: 'path',
      required: true,
      ...(known ? { description: known.description } : {}),
      schema,
    }
  })
  const inQuery = operation.query
    ? schemas.parameters(operation.query).map(parameter => ({ ...parameter, in: 'query' }))
    : []
  const inHeaders = (operation.headers ?? []).map(name => ({
    name,
    in: 'header',
    required: false,
    description: REQUEST_HEADERS[name],
    schema: { type: 'string' },
  }))
  return [...inPath, ...inQuery, ...inHeaders]
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

function describeAnswer(operation: Operation, answer: AnswerDescription, schemas: JsonSchemas): Members {
  const content = answer.content ?? (answer.schema ? { 'application/json': answer.schema } : undefined)
  const always = [...(answer.headers ?? []), 'X-Request-Id' as const].map(name => describeHeader(name, true))
  const sometimes = LIMITED.includes(operation.access)
    ? LIMIT_HEADERS.map(name => describeHeader(name, false))
    : []
  return {
    description: answer.description,
    headers: Object.fromEntries([...always, ...sometimes]),
    ...(content
      ? {
          content: Object.fromEntries(
            Object.entries(content).map(([type, schema]) => [type, { schema: schemas.of(schema, 'output') }]),
          ),
        }
      : {}),
  }
}

function describeHeader(name: AnswerHeader, required: boolean): [string, Members] {
  return [name, { required, description: ANSWER_HEADERS[name], schema: { type: 'string' } }]
}

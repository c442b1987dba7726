import type { Response, Test } from 'supertest'
import type { TestCredentials, TestProject, TestServer } from '../support/server.ts'

export const TOKEN = '/v1/api/oauth/token'
export const INTROSPECT = '/v1/api/oauth/introspect'
export const REVOKE = '/v1/api/oauth/revoke'

/** Fields of a form; pairs where a name comes more than once. */
export type Form = Record<string, string> | [name: string, value: string][]

type Headers = Readonly<Record<string, string>>

/** Sends a form as it is, without credentials. */
export function sendForm(server: TestServer, path: string, form: Form, headers: Headers = {}): Test {
  return server.http.post(path).set(headers).type('form').send(new URLSearchParams(form).toString())
}

/** `Authorization: Basic` as RFC 6749 section 2.3.1 has it. */
export function basic(credentials: Pick<TestCredentials, 'clientId' | 'clientSecret'>): Headers {
  const pair = `${encodeURIComponent(credentials.clientId)}:${encodeURIComponent(credentials.clientSecret)}`
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Asks for a token as a pass. */
export function requestToken(
  server: TestServer,
  credentials: Pick<TestCredentials, 'clientId' | 'clientSecret'>,
  fields: Readonly<Record<string, string>> = {},
  headers: Headers = {},
): Test {
  const form = { grant_type: 'client_credentials', ...fields }
  return sendForm(server, TOKEN, form, { ...basic(credentials), ...headers })
}

/** Introspects as a pass. */
export function introspect(
  server: TestServer,
  caller: TestCredentials,
  token: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Headers = {},
): Test {
  return sendForm(server, INTROSPECT, { token, ...fields }, { ...basic(caller), ...headers })
}

/** Introspects with a project's API key. */
export function introspectWithKey(
  server: TestServer,
  project: Pick<TestProject, 'apiKey'>,
  token: string,
  fields: Readonly<Record<string, string>> = {},
): Test {
  return sendForm(server, INTROSPECT, { token, ...fields }, { Authorization: `Bearer ${project.apiKey}` })
}

/** Whether a token is good for a resource server of the project. */
export async function isActive(server: TestServer, project: TestProject, token: string): Promise<boolean> {
  const answer = await introspectWithKey(server, project, token)
  if (answer.status !== 200) throw new Error(`introspection answered ${answer.status}: ${answer.text}`)
  return answer.body.active
}

/** Calls one of the management endpoints of a pass with the project's API key. @returns the answer, which is good */
export async function manage(
  server: TestServer,
  project: TestProject,
  method: 'put' | 'post' | 'delete',
  path: string,
  body?: object,
): Promise<Response> {
  const answer = await server.http[method](`${project.path}/sentinel_passes/${path}`)
    .set('Api-Key', project.apiKey)
    .send(body)
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
  return answer
}

/** The activity rows of an agent, oldest first. */
export async function activityOf(
  server: TestServer,
  project: TestProject,
  agentUserId: string,
  filters: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>[]> {
  const answer = await server.http
    .get('/v1/api/oauth/agent/activity/logs')
    .set('Api-Key', project.apiKey)
    .query({ agent_user_id: agentUserId, sort_order: 'asc', per_page: '100', ...filters })
  if (answer.status !== 200) throw new Error(`logs answered ${answer.status}: ${answer.text}`)
  return answer.body.logs
}

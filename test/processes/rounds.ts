import type request from 'supertest'
import type { TestCredentials } from '../support/server.ts'

/** One node as its callers see it. */
export type Node = ReturnType<typeof request>

/** The project that the nodes serve, and the time that they go by. */
export interface Setting {
  readonly apiKey: string
  readonly path: string
  /** Further fields of the passes. */
  readonly fields?: Readonly<Record<string, unknown>>
  now(): number
}

/** A pass that the rounds change and bring back. */
export interface Subject {
  readonly id: string
  readonly credentials: TestCredentials
}

/** One change on node `a`, what node `b` refuses from the very next request on, and what it grants after that. */
type Round = (a: Node, b: Node, setting: Setting, subject: Subject, number: number) => Promise<Subject>

/** Runs rounds of every kind in turn; the nodes change places, so that each has a copy that is out of date. */
export async function runRounds(nodes: readonly [Node, Node], setting: Setting, count: number) {
  let subject = await create(nodes[0], setting)
  const kinds = Object.entries(ROUNDS)
  for (let number = 0; number < count; number += 1) {
    const [name, round] = kinds[number % kinds.length] ?? ['none', async () => subject]
    const [a, b] = Math.floor(number / kinds.length) % 2 === 0 ? nodes : [nodes[1], nodes[0]]
    try {
      subject = await round(a, b, setting, subject, number)
    } catch (error) {
      throw new Error(`round ${number} (${name}): ${error instanceof Error ? error.message : error}`)
    }
  }
}

const ROUNDS: Readonly<Record<string, Round>> = {
  async revoke(a, b, setting, subject) {
    const token = await granted(b, subject)
    await manage(a, setting, 'post', `/${subject.id}/revoke`)
    await refused(b, subject, 401, 'invalid_client')
    expect(await isActive(b, setting, token)).toBe(true)
    await manage(a, setting, 'post', `/${subject.id}/activate`)
    await granted(b, subject)
    return subject
  },

  async 'revoke with tokens'(a, b, setting, subject) {
    const token = await granted(b, subject)
    expect(await isActive(b, setting, token)).toBe(true)
    await manage(a, setting, 'post', `/${subject.id}/revoke`, { revokeTokens: true })
    expect(await isActive(b, setting, token)).toBe(false)
    await refused(b, subject, 401, 'invalid_client')
    await manage(a, setting, 'post', `/${subject.id}/activate`)
    expect(await isActive(b, setting, await granted(b, subject))).toBe(true)
    expect(await isActive(b, setting, token)).toBe(false)
    return subject
  },

  async rotate(a, b, setting, subject) {
    const token = await granted(b, subject)
    const { meta } = await manage(a, setting, 'post', `/${subject.id}/rotate_key`)
    await refused(b, subject, 401, 'invalid_client')
    const rotated = { ...subject, credentials: meta.credentials }
    await granted(b, rotated)
    expect(await isActive(b, setting, token)).toBe(true)
    return rotated
  },

  async 're-scope'(a, b, setting, subject, number) {
    const [before, after] = [`before:${number}`, `after:${number}`]
    await update(a, setting, subject, { scopes: ['read', before] })
    const token = await granted(b, subject, before)
    await update(a, setting, subject, { scopes: ['read', after] })
    await refused(b, subject, 400, 'invalid_scope', before)
    expect((await introspect(b, setting, await granted(b, subject))).scope).toBe(`read ${after}`)
    expect((await introspect(b, setting, token)).scope).toBe(before)
    return subject
  },

  async 'shorten validUntil'(a, b, setting, subject) {
    const token = await granted(b, subject)
    const end = Math.floor(setting.now() / 1000) + 120
    await update(a, setting, subject, { validUntil: new Date(end * 1000).toISOString() })
    expect((await introspect(b, setting, token)).exp).toBe(end)
    expect((await introspect(b, setting, await granted(b, subject))).exp).toBeLessThanOrEqual(end)
    await update(a, setting, subject, { validUntil: null })
    return subject
  },

  async 'put off validFrom'(a, b, setting, subject) {
    await granted(b, subject)
    await update(a, setting, subject, { validFrom: new Date(setting.now() + 3_600_000).toISOString() })
    await refused(b, subject, 401, 'invalid_client')
    await update(a, setting, subject, { validFrom: new Date(setting.now() - 3_600_000).toISOString() })
    await granted(b, subject)
    return subject
  },

  async 'deactivate by PUT'(a, b, setting, subject) {
    await granted(b, subject)
    await update(a, setting, subject, { active: false })
    await refused(b, subject, 401, 'invalid_client')
    await update(a, setting, subject, { active: true })
    await granted(b, subject)
    return subject
  },

  async delete(a, b, setting, subject) {
    const token = await granted(b, subject)
    expect(await isActive(b, setting, token)).toBe(true)
    await manage(a, setting, 'delete', `/${subject.id}`)
    await refused(b, subject, 401, 'invalid_client')
    expect(await isActive(b, setting, token)).toBe(false)
    const answer = await b.get(`${setting.path}/sentinel_passes/${subject.id}`).set('Api-Key', setting.apiKey)
    expect(answer.status).toBe(404)
    const next = await create(a, setting)
    await granted(b, next)
    return next
  },

  async 'delete API key'(a, b, setting, subject) {
    const keys = `${setting.path}/api_keys`
    const made = await a
      .post(keys)
      .set('Api-Key', setting.apiKey)
      .send({ data: { attributes: { note: 'Short-lived' } } })
    const key: string = made.body.meta.secretKey
    const list = () => b.get(`${setting.path}/sentinel_passes`).set('Api-Key', key)
    expect((await list()).status).toBe(200)
    const gone = await a.delete(`${keys}/${made.body.data.id}`).set('Api-Key', setting.apiKey)
    expect(gone.status).toBe(204)
    expect((await list()).status).toBe(401)
    const token = await granted(b, subject)
    expect((await introspection(b, key, token)).status).toBe(401)
    return subject
  },
}

/** A token request, answered with whatever status. */
export function requestToken(node: Node, { clientId, clientSecret }: TestCredentials, scope?: string) {
  return node
    .post('/v1/api/oauth/token')
    .auth(clientId, clientSecret)
    .type('form')
    .send({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
}

/** A call of the passes' management that has to succeed. */
export async function manage(
  node: Node,
  { apiKey, path }: Setting,
  method: 'post' | 'put' | 'delete',
  rest: string,
  body?: object,
) {
  const answer = await node[method](`${path}/sentinel_passes${rest}`).set('Api-Key', apiKey).send(body)
  if (!answer.ok) throw new Error(`${method} ${rest} answered ${answer.status}: ${answer.text}`)
  return answer.body
}

export async function create(node: Node, setting: Setting): Promise<Subject> {
  const { data, meta } = await manage(node, setting, 'post', '', {
    sentinelPass: { title: 'Subject', ...setting.fields },
  })
  return { id: data.id, credentials: meta.credentials }
}

export async function isActive(node: Node, setting: Setting, token: string): Promise<boolean> {
  return (await introspect(node, setting, token)).active
}

function update(node: Node, setting: Setting, { id }: Subject, sentinelPass: object) {
  return manage(node, setting, 'put', `/${id}`, { sentinelPass })
}

async function granted(node: Node, { credentials }: Subject, scope?: string): Promise<string> {
  const answer = await requestToken(node, credentials, scope)
  if (answer.status !== 200) throw new Error(`token answered ${answer.status}: ${answer.text}`)
  return answer.body.access_token
}

async function refused(node: Node, { credentials }: Subject, status: number, error: string, scope?: string) {
  const answer = await requestToken(node, credentials, scope)
  expect({ status: answer.status, error: answer.body.error }).toEqual({ status, error })
}

function introspection(node: Node, apiKey: string, token: string) {
  return node.post('/v1/api/oauth/introspect').auth(apiKey, { type: 'bearer' }).type('form').send({ token })
}

async function introspect(node: Node, setting: Setting, token: string) {
  const answer = await introspection(node, setting.apiKey, token)
  if (answer.status !== 200) throw new Error(`introspection answered ${answer.status}: ${answer.text}`)
  return answer.body
}

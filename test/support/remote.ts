import request from 'supertest'
import type { TestCredentials, TestPass } from './server.ts'

const ACTIVITY = '/v1/api/oauth/agent/activity'

/** The project that a first start made, as its output tells of it. */
export interface FirstProject {
  readonly apiKey: string
  /** `/v1/api/organizations/…/projects/…` */
  readonly path: string
  /** The lines to paste. */
  readonly lines: readonly string[]
}

/** A row of the log, as far as these tests read it. */
export interface LoggedRow {
  readonly activity_type: string
  readonly success: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Calls of a server that is known by its address alone. */
export interface Remote {
  createPass(fields?: Record<string, unknown>): Promise<TestPass>
  fetchToken(credentials: TestCredentials): Promise<string>
  /** What an introspection with the API key says. */
  introspect(token: string): Promise<{ readonly active: boolean; readonly jti?: string }>
  /** Every row of an agent. */
  rows(agentUserId: string): Promise<LoggedRow[]>
  /** An agent's requests, by the metrics: of whole hours up to this one, so from the rollups alone. */
  totalRequests(agentUserId: string): Promise<number>
}

/** @param stdout of a first start */
export function firstProject(stdout: string): FirstProject {
  const lines = stdout.split('\n').filter(line => /^(PASS=|TOKEN=|curl )/.test(line))
  const apiKey = /^ +(spk_\w+)$/m.exec(stdout)?.[1]
  const path = /\/v1\/api\/organizations\/[\w-]+\/projects\/[\w-]+(?=\/sentinel_passes)/.exec(stdout)?.[0]
  if (apiKey === undefined || path === undefined) throw new Error(`No first start:\n${stdout}`)
  return { apiKey, path, lines }
}

export function remote(url: string, { apiKey, path }: Pick<FirstProject, 'apiKey' | 'path'>): Remote {
  const http = request(url)
  const read = async (what: string, query: Record<string, string>) => {
    const answer = await http.get(`${ACTIVITY}/${what}`).set('Api-Key', apiKey).query(query)
    return answered(answer, 200)
  }
  return {
    async createPass(fields = {}) {
      const sent = http.post(`${path}/sentinel_passes`).set('Api-Key', apiKey)
      const answer = await sent.send({ sentinelPass: { title: 'Test agent', ...fields } })
      const { data, meta } = answered(answer, 201)
      return { id: data.id, attributes: data.attributes, credentials: meta.credentials }
    },
    async fetchToken({ clientId, clientSecret }) {
      const sent = http.post('/v1/api/oauth/token').auth(clientId, clientSecret).type('form')
      return answered(await sent.send({ grant_type: 'client_credentials' }), 200).access_token
    },
    async introspect(token) {
      const sent = http.post('/v1/api/oauth/introspect').auth(apiKey, { type: 'bearer' }).type('form')
      return answered(await sent.send({ token }), 200)
    },
    rows: agentUserId => read('export', { agent_user_id: agentUserId, format: 'json' }),
    async totalRequests(agentUserId) {
      const { summary } = await read('metrics', { agent_user_id: agentUserId, group_by: 'hour' })
      return summary.total_requests
    },
  }
}

function answered(answer: request.Response, status: number): request.Response['body'] {
  if (answer.status !== status) throw new Error(`answered ${answer.status}: ${answer.text}`)
  return answer.body
}

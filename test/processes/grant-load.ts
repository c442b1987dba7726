import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestCredentials } from '../support/server.ts'

/** Agents that fetch tokens one after the other, each over a connection that it keeps. */
export interface GrantLoad {
  /** The tokens that were received to the last byte, by agent. */
  readonly received: ReadonlyMap<string, readonly string[]>
  /** Answers other than a token. */
  readonly refusals: readonly string[]
  /** Resolves as soon as so many tokens have been received, and each agent has one. */
  reached(tokens: number): Promise<void>
  /** Waits until every agent has lost its connection and can make no new one. */
  ended(): Promise<void>
}

export function startGrantLoad(url: string, agents: readonly TestCredentials[]): GrantLoad {
  const received = new Map(agents.map(agent => [agent.agentUserId, [] as string[]]))
  const refusals: string[] = []
  const waiting = new Set<{ readonly tokens: number; readonly resolve: () => void }>()
  let count = 0
  const note = (agentUserId: string, token: string) => {
    received.get(agentUserId)?.push(token)
    count += 1
    // The hash of its first secret can keep an agent waiting while the others fetch one token after the other.
    const everyone = [...received.values()].every(tokens => tokens.length > 0)
    for (const waiter of waiting) if (everyone && count >= waiter.tokens) waiter.resolve()
  }
  const loops = agents.map(async credentials => {
    const connection = new Agent({ keepAlive: true, maxSockets: 1 })
    for (;;) {
      const answer = await post(url, credentials, connection).catch(() => undefined)
      // The server cannot be reached any more, or went away in the middle of the answer.
      if (answer === undefined) return connection.destroy()
      if (answer.status === 200) note(credentials.agentUserId, JSON.parse(answer.body).access_token)
      else refusals.push(`${answer.status} ${answer.body}`)
    }
  })
  return {
    received,
    refusals,
    reached: tokens => new Promise(resolve => waiting.add({ tokens, resolve })),
    async ended() {
      await Promise.all(loops)
    },
  }
}

function post(url: string, credentials: TestCredentials, agent: Agent) {
  return new Promise<{ readonly status: number | undefined; readonly body: string }>((resolve, reject) => {
    const { clientId, clientSecret } = credentials
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const options = { method: 'POST', agent, auth: `${clientId}:${clientSecret}`, headers }
    const sent = request(`${url}/v1/api/oauth/token`, options, answer => {
      // Rejects when the connection breaks before the last byte.
      text(answer).then(body => resolve({ status: answer.statusCode, body }), reject)
    })
    sent.once('error', reject)
    sent.end('grant_type=client_credentials')
  })
}

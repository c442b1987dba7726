import { type ClientRequest, request } from 'node:http'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { assertion, keyPair, withAssertion } from '../oauth/assertions.ts'
import { TOKEN } from '../oauth/oauth-requests.ts'
import type { TestServer } from './server.ts'

/** What a refused client shows. */
export const REFUSALS = ['secret', 'assertion'] as const
export type Refusal = (typeof REFUSALS)[number]

const UNKNOWN = 'sp_0123456789ABCDEFGHIJKL'
const WARM_UP = 50

/**
 * Refuses a client that exists and one that does not, in turn.
 * @returns the share of the pairs of tries in which the one that exists took longer, ties by half
 */
export async function measureRefusals(server: TestServer, refusal: Refusal, tries: number): Promise<number> {
  const project = await server.createProject()
  const { key } = await keyPair()
  const known = await server.createPass(
    project,
    refusal === 'assertion' ? { jwks: { keys: [(await keyPair()).jwk] } } : {},
  )
  const { clientId } = known.credentials
  const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] }
  for (let index = -WARM_UP; index < tries; index += 1) {
    // A row for each refusal, as for somebody who is slow enough not to be limited.
    server.clock.advance({ minutes: 1 })
    const order = index % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    for (const which of order) {
      const id = which === 'known' ? clientId : UNKNOWN
      const form =
        refusal === 'secret'
          ? { client_id: id, client_secret: generateChecksummedSecret('sps_') }
          : withAssertion(await assertion(server, { clientId: id, key, alg: 'EdDSA' }))
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString()
      const taken = await timeOf(server.url, body)
      if (index >= 0) times[which].push(taken)
    }
  }
  return shareOfLonger(times.known, times.unknown)
}

/** Milliseconds from the sending of a form to the end of its answer. */
function timeOf(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length }
    const started = performance.now()
    const sent: ClientRequest = request(url + TOKEN, { method: 'POST', headers }, answer => {
      answer.resume()
      answer.once('end', () => {
        if (answer.statusCode === 401) resolve(performance.now() - started)
        else reject(new Error(`answered ${answer.statusCode}`))
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

/** Mann and Whitney's U by the number of pairs. */
function shareOfLonger(ones: readonly number[], others: readonly number[]): number {
  const all = [...ones.map(time => ({ time, one: true })), ...others.map(time => ({ time, one: false }))]
  all.sort((a, b) => a.time - b.time)
  let ranks = 0
  for (let index = 0; index < all.length; ) {
    let end = index
    while (end < all.length && all[end]?.time === all[index]?.time) end += 1
    const rank = (index + 1 + end) / 2
    for (const { one } of all.slice(index, end)) if (one) ranks += rank
    index = end
  }
  return (ranks - (ones.length * (ones.length + 1)) / 2) / (ones.length * others.length)
}

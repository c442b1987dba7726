import argon2id from '../../config/argon2id.json' with { type: 'json' }
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { requestToken } from './oauth-requests.ts'

const ROUNDS = 100
/** What is told apart on a quiet machine, and never more than a quarter of what argon2id costs. */
const [CLOSEST_MS, FURTHEST_MS] = [1.5, 6]

let server: TestServer
beforeAll(async () => {
  // As it is run: what must not be done for one of them alone has its real cost.
  server = await startServer({ slowHash: argon2id })
})
afterAll(() => server.close())

/** @param share of the values that are smaller */
function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN
}

async function timed(clientId: string, clientSecret: string): Promise<number> {
  const started = performance.now()
  const answer = await requestToken(server, { clientId, clientSecret })
  const milliseconds = performance.now() - started
  if (answer.status !== 401) throw new Error(`answered ${answer.status}: ${answer.text}`)
  return milliseconds
}

describe('the time of a refusal', () => {
  it('does not tell an unknown client from a wrong secret of a known one', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const unknown = 'sp_0123456789ABCDEFGHIJKL'
    const differences: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      // The clock moves, so that each refusal has a row of its own; each is the first after that as often as the other.
      server.clock.advance({ minutes: 1 })
      const sign = round % 2 === 0 ? 1 : -1
      const [first, second] = sign === 1 ? [unknown, credentials.clientId] : [credentials.clientId, unknown]
      // A secret of good form each time, so that its digest is compared. Neighbours in time bear the same load.
      const before = await timed(first, generateChecksummedSecret('sps_'))
      const after = await timed(second, generateChecksummedSecret('sps_'))
      differences.push(sign * (after - before))
    }

    // A median of a hundred lies within half of what the middle half of them differ by, five standard errors.
    const noise = (quantile(differences, 0.75) - quantile(differences, 0.25)) / 2
    const close = Math.min(FURTHEST_MS, Math.max(CLOSEST_MS, noise))
    expect(Math.abs(quantile(differences, 0.5))).toBeLessThan(close)
  })
})

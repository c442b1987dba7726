import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { requestToken } from './oauth-requests.ts'

const ROUNDS = 80
/** Far below what argon2id costs, and far above what the noise of a busy machine does to a median. */
const CLOSE_MS = 4

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
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
    const unknown: number[] = []
    const wrong: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      // A secret of good form each time, so that the digest is compared; the clock moves, so that each of the
      // refusals has a row of its own.
      server.clock.advance({ minutes: 1 })
      unknown.push(await timed('sp_0123456789ABCDEFGHIJKL', generateChecksummedSecret('sps_')))
      wrong.push(await timed(credentials.clientId, generateChecksummedSecret('sps_')))
    }

    expect(Math.abs(median(unknown) - median(wrong))).toBeLessThan(CLOSE_MS)
  })
})

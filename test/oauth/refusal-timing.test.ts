import argon2id from '../../config/argon2id.json' with { type: 'json' }
import { measureRefusals, REFUSALS } from '../support/refusal-times.ts'
import { startServer, type TestServer } from '../support/server.ts'

const TRIES = 250
/** Half, and four and a half standard errors of so many tries: `npm run bench:refusals` holds more of them to 0.55. */
const MOST_TOLD = 0.5 + 4.5 * Math.sqrt((2 * TRIES + 1) / (12 * TRIES * TRIES))

let server: TestServer
beforeAll(async () => {
  // As it is run: what must not be done for one of them alone has its real cost.
  server = await startServer({ slowHash: argon2id })
})
afterAll(() => server.close())

describe('the time of a refusal', () => {
  it.each(REFUSALS)('does not tell an unknown client from a known one with a wrong %s', async refusal => {
    const told = await measureRefusals(server, refusal, TRIES)
    expect(told).toBeLessThan(MOST_TOLD)
    expect(told).toBeGreaterThan(1 - MOST_TOLD)
  })
})

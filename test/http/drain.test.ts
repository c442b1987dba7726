import { once } from 'node:events'
import { Agent, request, type Server } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { drain } from '../../src/http/drain.ts'
import { createHttpServer } from '../../src/http/http-server.ts'
import { expectFree, listenAt, type Place } from '../../src/http/listening.ts'
import { logger } from '../support/backend.ts'
import { freePort } from '../support/process.ts'

const ROUNDS = 20
const CLIENTS = 20
const REQUESTS = 200
const WAITING = 50
/** Far less than a request is given before it is cut. */
const PROMPT_MS = 4_000

let server: Server
let place: Place

beforeEach(async () => {
  place = { host: '127.0.0.1', port: await freePort(), setting: 'PORT' }
})

async function serve(limits: Parameters<typeof createHttpServer>[2] = {}): Promise<void> {
  server = createHttpServer(logger, (_request, response) => response.end('answered'), limits)
  await listenAt(server, place)
}

describe('a drain', () => {
  it(`fails no request that comes over a connection that was there, ${ROUNDS} times under load`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await serve()
      let answered = 0
      const enough = Promise.withResolvers<void>()
      const clients = Array.from({ length: CLIENTS }, async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        // Until it is told to close the connection, which is not the moment to look for another server.
        while (await askedToGoOn(agent)) {
          answered += 1
          if (answered === REQUESTS) enough.resolve()
          // Some connections are idle whenever one looks.
          for (let turn = 0; turn < answered % 5; turn += 1) await nextTurn()
        }
        agent.destroy()
      })
      await enough.promise
      await Promise.all([drain([server]), ...clients])
      expect(answered).toBeGreaterThanOrEqual(REQUESTS)
    }
  })

  it('answers those that are connected and wait to be accepted, of which one is in each turn', async () => {
    await serve()
    const sockets = Array.from({ length: WAITING }, () => connect(place.port, place.host))
    const answers = sockets.map(socket => text(socket.end('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')))
    await once(sockets[0] ?? server, 'connect')
    await drain([server])
    for (const answer of answers) expect(await answer).toMatch(/^HTTP\/1.1 200 OK\r\n.*answered/s)
  })

  it('closes connections that stay idle, also those over which nothing ever came, and soon', async () => {
    await serve()
    const [silent, idle] = [connect(place.port, place.host), connect(place.port, place.host)]
    idle.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await Promise.all([once(silent, 'connect'), once(idle, 'data')])
    const closed = [once(silent, 'close'), once(idle, 'close')]
    const started = performance.now()
    await drain([server])
    await Promise.all(closed)
    expect(performance.now() - started).toBeLessThan(PROMPT_MS)
  })
})

/** @returns whether the connection may be kept; fails where the request does */
function askedToGoOn(agent: Agent): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: place.host, port: place.port, path: '/' }, async answer => {
      expect(await text(answer)).toBe('answered')
      resolve(answer.headers.connection !== 'close')
    })
    sent.once('error', reject)
    sent.end()
  })
}

describe('a connection without a request', () => {
  it('is kept longer than a head may take, as long as is said, and then closed', async () => {
    await serve({ keepAliveMs: 1_000, headMs: 100, wholeMs: 200, checkEveryMs: 20 })
    const socket = connect(place.port, place.host)
    const answers = text(socket)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    const started = performance.now()
    expect((await answers).toLowerCase()).toContain('keep-alive: timeout=1\r\n')
    expect(performance.now() - started).toBeGreaterThan(900)
    server.close()
  })
})

describe('a place to listen at', () => {
  it('is found taken before anything is made, by the setting, with what to do', async () => {
    await expectFree(place)
    await serve()
    await expect(expectFree(place)).rejects.toMatchObject({
      exitCode: 75,
      message: expect.stringMatching(
        /^PORT cannot be listened on: another process has port \d+ of 127\.0\.0\.1 already \(EADDRINUSE\)\. Stop/,
      ),
    })
    server.close()
  })

  it('is refused where the machine has no such address', async () => {
    await expect(expectFree({ ...place, host: '192.0.2.1' })).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(
        /^HOST cannot be listened on: 192\.0\.2\.1 is no address of this machine/,
      ),
    })
  })
})

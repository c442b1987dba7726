import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { logger, type TestPlace } from '../support/backend.ts'
import { TestClock } from '../support/clock.ts'
import {
  eachInPlace,
  placeEnv,
  SECRET_KEY,
  type ServerProcess,
  startProcess,
  until,
} from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'
import { startServer } from '../support/server.ts'
import { startGrantLoad } from './grant-load.ts'
import { FORM, requestUnderWay } from './request-under-way.ts'

/** Less than the server keeps an idle connection, and far less than it gives a request before it cuts it. */
const PROMPT_MS = 4_000

let place: TestPlace

eachInPlace(made => {
  place = made
})

describe('SIGTERM', () => {
  it('answers what is under way, takes nothing further, and leaves the place to the next server at once', async () => {
    const server = await startProcess({ ...placeEnv(place), SECRET_KEY })
    const project = firstProject(server.stdout())
    const { credentials } = await remote(server.url, project).createPass()
    const underWay = await requestUnderWay(server, credentials)
    const answered = once(underWay, 'response')
    // It is awaited below: where something fails before that, that is to be told, and not that this was cut.
    answered.catch(() => {})
    const persistent = await connectionUnderWay(server)
    const idle = await idleConnection(server)
    const idleClosed = once(idle, 'close')

    let started = performance.now()
    server.signal('SIGTERM')
    await until(() => isRefused(server.port), 'no new connections')
    // Nobody waits for a connection that is idle, nor does that one wait for the requests under way.
    await idleClosed
    expect(performance.now() - started).toBeLessThan(PROMPT_MS)
    // A client that goes on over its connection is told to close it.
    persistent.write(`${FORM}GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    const answers = (await text(persistent)).split('HTTP/1.1 ').slice(1)
    expect(answers).toHaveLength(2)
    expect(answers[1]).toMatch(/^200 OK\r\n/)
    expect(answers[1]).toMatch(/\r\nconnection: close\r\n/i)
    underWay.end(FORM)
    const [answer] = await answered
    expect(answer.statusCode).toBe(200)
    const { access_token: token } = JSON.parse(await text(answer))
    started = performance.now()
    expect((await server.ended()).code).toBe(0)
    expect(performance.now() - started).toBeLessThan(PROMPT_MS)

    const next = await startServer({ place, clock: new TestClock(Date.now()), env: { SECRET_KEY } })
    const api = remote(next.url, project)
    expect(await api.introspect(token)).toMatchObject({ active: true })
    expect(await api.rows(credentials.agentUserId)).toHaveLength(1)
    await next.close()
  })

  it('is told to balancers first, for DRAIN_DELAY_SECONDS in which everything is served as before', async () => {
    const server = await startProcess({ ...placeEnv(place), DRAIN_DELAY_SECONDS: '2' })
    server.signal('SIGTERM')
    await until(async () => (await fetch(`${server.url}/ready`)).status === 503, 'not ready')
    // Over a connection that is new, and may be kept.
    const answer = await fetch(`${server.url}/health`, { headers: { 'X-Request-Id': 'late' } })
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'keep-alive'])
    expect((await server.ended()).code).toBe(0)
  })

  it('comes to an end, with every grant answered, although clients keep their connections busy', async () => {
    const server = await startProcess(placeEnv(place))
    const project = firstProject(server.stdout())
    const { credentials } = await remote(server.url, project).createPass()
    const load = startGrantLoad(
      server.url,
      Array.from({ length: 10 }, () => credentials),
    )
    await load.reached(50)

    const started = performance.now()
    expect((await server.end('SIGTERM')).code).toBe(0)
    expect(performance.now() - started).toBeLessThan(PROMPT_MS)
    await load.ended()
    expect(load.refusals).toEqual([])

    const received = load.received.get(credentials.agentUserId)
    // Nothing was granted that did not arrive: no connection was cut in the middle of an answer.
    expect(await countOfRows(place)).toBe(received?.length ?? 0)
  })
})

/** A connection with a token request whose body the server waits for; nothing has authenticated it. */
async function connectionUnderWay(server: ServerProcess): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  const head = `Host: localhost\r\nContent-Length: ${FORM.length}\r\nExpect: 100-continue\r\n\r\n`
  socket.write(`POST /v1/api/oauth/token HTTP/1.1\r\n${head}`)
  await once(socket, 'data')
  return socket
}

/** A connection that has had an answer, and stays open for the next request. */
async function idleConnection(server: ServerProcess): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  return socket
}

async function countOfRows({ location }: TestPlace): Promise<number | undefined> {
  const database = await Database.open(location, entities, logger)
  const [counted] = await database.query<{ count: number }>('select count(*)::int as count from activity')
  await database.close()
  return counted?.count
}

/** Whether nothing listens on a port any more. */
async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}

import { createMemoryLogger } from '../support/log.ts'
import { openConnection, parseAnswer, type RawAnswer, readAll, sendRaw } from '../support/raw-request.ts'
import { startServer, type TestServer } from '../support/server.ts'

const { logger, lines } = createMemoryLogger()

let server: TestServer
beforeAll(async () => {
  server = await startServer({ logger, arrival: { headMs: 200, wholeMs: 400, checkEveryMs: 50 } })
})
afterAll(() => server.close())

function expectProblem({ status, headers, body }: RawAnswer, expected: number, code: string): void {
  const problem: { code: string; instance: string; status: number } = JSON.parse(body)
  expect([status, problem.status, problem.code]).toEqual([expected, expected, code])
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
  expect(problem.instance).toBe(headers.get('x-request-id'))
  expect(lines.join('')).toContain(problem.instance)
}

const CLOSE = 'Connection: close\r\n\r\n'

describe('a request that is not readable', () => {
  it.each([
    ['two Host headers', `GET /health HTTP/1.1\r\nHost: one.test\r\nHost: two.test\r\n${CLOSE}`],
    ['the same Host twice', `GET /health HTTP/1.1\r\nHost: one.test\r\nhost: one.test\r\n${CLOSE}`],
    ['two of them in HTTP/1.0', 'GET /health HTTP/1.0\r\nHost: one.test\r\nHost: two.test\r\n\r\n'],
    ['no Host', `GET /health HTTP/1.1\r\n${CLOSE}`],
    ['a line that is none of HTTP', 'HELLO\r\n\r\n'],
    [
      'a header with a space in its name',
      `GET /health HTTP/1.1\r\nHost: one.test\r\nBad name: 1\r\n${CLOSE}`,
    ],
  ])('is refused with an id and a problem: %s', async (_name, text) => {
    expectProblem(await sendRaw(server.url, text), 400, 'malformed_request')
  })

  it('may leave out Host in HTTP/1.0, as probes do', async () => {
    expect((await sendRaw(server.url, 'GET /health HTTP/1.0\r\n\r\n')).status).toBe(200)
  })

  it('is refused with an id and a problem: a head of 20 kB', async () => {
    const text = `GET /health HTTP/1.1\r\nHost: one.test\r\nX-Long: ${'x'.repeat(20_000)}\r\n${CLOSE}`
    expectProblem(await sendRaw(server.url, text), 431, 'head_too_large')
  })

  it('is refused with an id and a problem: an expectation that nobody meets', async () => {
    const text = `POST /v1/api/oauth/token HTTP/1.1\r\nHost: one.test\r\nExpect: 200-ok\r\nContent-Length: 2\r\n${CLOSE}`
    expectProblem(await sendRaw(server.url, text), 417, 'expectation_failed')
  })
})

describe('a request that does not arrive', () => {
  it('is ended in time where its head comes a byte at a time', async () => {
    const socket = openConnection(server.url)
    const answer = readAll(socket)
    socket.write('GET /health HTTP/1.1\r\nHost: one.test\r\nX-Slow: ')
    const drip = setInterval(() => socket.write('x'), 20)
    const text = await answer
    clearInterval(drip)
    expectProblem(parseAnswer(text), 408, 'request_timeout')
  })

  it('is ended in time where its body comes a byte at a time', async () => {
    const socket = openConnection(server.url)
    const answer = readAll(socket)
    const head =
      'Host: one.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50000\r\n\r\n'
    socket.write(`POST /v1/api/oauth/token HTTP/1.1\r\n${head}`)
    const drip = setInterval(() => socket.write('x'), 20)
    const text = await answer
    clearInterval(drip)
    expectProblem(parseAnswer(text), 408, 'request_timeout')
  })

  it('is no error of the server where whoever sent it has gone', async () => {
    const before = lines.length
    const socket = openConnection(server.url)
    const closed = readAll(socket)
    const head =
      'Host: one.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\n'
    await new Promise(sent => socket.write(`POST /v1/api/oauth/token HTTP/1.1\r\n${head}grant`, sent))
    // The server has it in hand when it answers one that came later.
    await server.http.get('/health')
    socket.resetAndDestroy()
    await closed
    while (!lines.slice(before).some(line => line.includes('/v1/api/oauth/token')))
      await server.http.get('/health')
    const levels = lines.slice(before).map(line => JSON.parse(line).level)
    expect(Math.max(...levels)).toBe(30)
  })
})

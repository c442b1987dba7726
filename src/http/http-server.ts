import { createServer, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '../platform/logger.ts'
import { newId } from '../platform/uuid.ts'
import { PROBLEM_TYPE, presentProblem } from './present-problem.ts'
import { Problem } from './problems.ts'

/** How long a request may take to arrive, and the next one to be begun, in milliseconds. */
export interface ConnectionLimits {
  /** How long a connection without a request is kept. */
  readonly keepAliveMs: number
  readonly headMs: number
  /** The head and the body. */
  readonly wholeMs: number
  /** How often it is looked, by which a request may overrun. */
  readonly checkEveryMs: number
}

/** Whoever sends a request a byte at a time holds a connection for 30 seconds at most. */
const LIMITS: ConnectionLimits = {
  keepAliveMs: 65_000,
  headMs: 15_000,
  wholeMs: 25_000,
  checkEveryMs: 5_000,
}

/** Connections over which nothing has come yet: Node.js counts them neither as idle nor as ones with a request. */
const waitingAt = new WeakMap<Server, Set<Socket>>()

/** Closes the connections that have no request, those of a server of `createHttpServer` that never had one as well. */
export function closeWithoutRequest(server: Server): void {
  server.closeIdleConnections()
  for (const socket of waitingAt.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy()
}

/** An HTTP server whose own refusals, of what never becomes a request, are problems with a request id like any other. */
export function createHttpServer(
  logger: Logger,
  listener?: RequestListener,
  limits: Partial<ConnectionLimits> = {},
): Server {
  const { keepAliveMs, headMs, wholeMs, checkEveryMs } = { ...LIMITS, ...limits }
  const server = createServer({
    keepAliveTimeout: keepAliveMs,
    // Counted from the first byte of a request, not from the end of the one before: the wait between two is no part of it.
    headersTimeout: headMs,
    requestTimeout: wholeMs,
    connectionsCheckingInterval: checkEveryMs,
    // The error handler says so, with an id and a body.
    requireHostHeader: false,
  })
  if (listener) server.on('request', listener)
  const waiting = new Set<Socket>()
  waitingAt.set(server, waiting)
  server.on('connection', socket => {
    waiting.add(socket)
    socket.once('close', () => waiting.delete(socket))
  })
  /** The last answer of each connection: nothing may be written into the middle of it. */
  const answers = new WeakMap<Duplex, ServerResponse>()
  server.on('request', ({ socket }, response) => {
    waiting.delete(socket)
    answers.set(socket, response)
  })
  server.on('checkExpectation', (_request, response) => {
    const { id, head, body } = refusal(
      new Problem('expectation_failed', 'Expect has to be 100-continue, or not there.'),
    )
    response.writeHead(417, head).end(body)
    logRefusal(logger, 417, id, response.socket)
  })
  server.on('clientError', (error, socket) => {
    const answer = answers.get(socket)
    const inTheMiddle = answer?.headersSent && !answer.writableEnded
    if (!socket.writable || inTheMiddle || codeOf(error) === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const problem = problemOf(codeOf(error))
    const { id, head, body } = refusal(problem)
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
    const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`
    socket.end(`${status}${lines.join('')}\r\n${body}`)
    logRefusal(logger, problem.status, id, socket)
  })
  return server
}

function refusal(problem: Problem) {
  const id = newId()
  const body = JSON.stringify(presentProblem(problem, id))
  const head = {
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': id,
    Connection: 'close',
  }
  return { id, head, body }
}

function problemOf(code: string): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('request_timeout', 'The request did not arrive in time. Send it again, in one go.')
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem('head_too_large', 'The request line and the headers have more bytes than are taken.')
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return new Problem('body_too_large', 'The extensions of the chunks have more bytes than are taken.')
  return new Problem('malformed_request', 'This is not HTTP as RFC 9112 has it.')
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}

function logRefusal(logger: Logger, status: number, requestId: string, connection: Duplex | null): void {
  const clientIp = connection instanceof Socket ? connection.remoteAddress : undefined
  logger.info({ requestId, status, clientIp }, 'request refused before it was read')
}

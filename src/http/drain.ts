import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { closeWithoutRequest } from './http-server.ts'

/** Requests that are under way get this long to end before their connections are cut. */
export const DRAIN_MS = 10_000
/**
 * How long a connection may be idle before it is closed: a request can be on its way on any of them, and who sends one in this
 * time is told to close it.
 */
const IDLE_GRACE_MS = 1_000
/** Longest wait for a moment at which nobody connects. */
const ACCEPT_MS = 1_000

/** Ends servers without failing a request: no new connections, an answer to what comes over those there are, and then none. */
export async function drain(servers: readonly Server[]): Promise<void> {
  for (const server of servers)
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'))
  await acceptWhatWaits(servers)
  // An HTTP server's own `close` would close at once what is idle at the moment.
  const closed = servers.map(
    server => new Promise(resolve => NetServer.prototype.close.call(server, resolve)),
  )
  const over = new AbortController()
  const sweeping = sweepIdle(servers, over.signal)
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections()
  }, DRAIN_MS)
  await Promise.all(closed)
  over.abort()
  clearTimeout(cut)
  await sweeping
}

/** Connections whose request was under way become idle when it is answered, and would stay open for the next one. */
async function sweepIdle(servers: readonly Server[], over: AbortSignal): Promise<void> {
  for (;;) {
    await delay(IDLE_GRACE_MS, undefined, { signal: over }).catch(() => {})
    if (over.aborted) return
    // After what has arrived is read: it is no idle connection then.
    await turnOfTheLoop()
    for (const server of servers) closeWithoutRequest(server)
  }
}

/** What waits for the server to accept it would be reset. It accepts one connection in each turn of the event loop. */
async function acceptWhatWaits(servers: readonly Server[]): Promise<void> {
  const until = performance.now() + ACCEPT_MS
  let accepted: boolean
  const note = () => {
    accepted = true
  }
  for (const server of servers) server.on('connection', note)
  do {
    accepted = false
    await turnOfTheLoop()
  } while (accepted && performance.now() < until)
  for (const server of servers) server.off('connection', note)
}

/** Resolves right after what has arrived by now was taken from the operating system. */
function turnOfTheLoop(): Promise<void> {
  return new Promise(resolve => setTimeout(() => setImmediate(resolve)))
}

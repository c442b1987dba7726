import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { EX_CONFIG, EX_TEMPFAIL, OperatorError } from '../platform/errors.ts'

/** Where a server listens, and the setting that says so. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly setting: 'PORT' | 'METRICS_PORT'
}

/**
 * With whom a place is shared: with nobody, or with the other workers. Linux spreads the connections over those that listen, so that
 * each of them has its own and loses no other when it ends. Elsewhere the first process takes all and hands them round.
 */
const SHARING = {
  alone: { exclusive: true },
  workers: process.platform === 'linux' ? { exclusive: true, reusePort: true } : { exclusive: false },
} as const

/** Listens at a place. @throws OperatorError where that cannot be */
export async function listenAt(
  server: Server,
  place: Place,
  sharedBy: keyof typeof SHARING = 'alone',
): Promise<void> {
  const { host, port } = place
  try {
    await once(server.listen({ host, port, ...SHARING[sharedBy] }), 'listening')
  } catch (error) {
    throw listenFault(place, error)
  }
}

/**
 * Sees whether there is somebody at a place already, before anything is made that would be of no use then.
 * @throws OperatorError where it cannot be listened on
 */
export async function expectFree(place: Place): Promise<void> {
  const server = createServer()
  await listenAt(server, place)
  server.close()
  await once(server, 'close')
}

function listenFault({ host, port, setting }: Place, error: unknown): OperatorError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return new OperatorError(
      `${setting} cannot be listened on: another process has port ${port} of ${host} already (EADDRINUSE). Stop that one, or set ${setting} to another port.`,
      EX_TEMPFAIL,
    )
  if (code === 'EACCES')
    return new OperatorError(
      `${setting} cannot be listened on: this user may not use port ${port} (EACCES). Set ${setting} to 1024 or more.`,
      EX_CONFIG,
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL')
    return new OperatorError(
      `HOST cannot be listened on: ${host} is no address of this machine (${code}). Set HOST to one of its addresses, or to 0.0.0.0 for all of them.`,
      EX_CONFIG,
    )
  const reason = error instanceof Error ? error.message : String(error)
  return new OperatorError(`${setting} cannot be listened on: ${reason}`, EX_TEMPFAIL)
}

import { setTimeout as delay } from 'node:timers/promises'
import { moveToOtherCores } from './cores.ts'
import { type Asked, ClosedLoop, type Counted } from './load/closed-loop.ts'
import { canReadProcesses, cpuMicroseconds, residentBytes, treeOf } from './processes.ts'
import type { Target } from './servers/targets.ts'

/** Not counted: connections open, copies of passes fill, and the compiler sees what is asked. */
const WARM_UP_SECONDS = 0.5
const POLL_MS = 20

/** What one round saw: figures of the load, and what processes spent meanwhile. */
export interface Round extends Counted {
  /** Microseconds of processor a request, of the server and of its database; undefined where the system does not tell. */
  readonly serverCpu: number | undefined
  readonly databaseCpu: number | undefined
  /** Bytes that the server's processes have resident at the end. */
  readonly memory: number | undefined
}

/** Loads a server for so many seconds. */
export async function measureRound(
  target: Target,
  asked: Asked,
  connections: number,
  seconds: number,
): Promise<Round> {
  const load = await ClosedLoop.start(asked, connections)
  await delay(Math.min(WARM_UP_SECONDS, seconds) * 1000)
  const database = await target.database?.pids()
  // The connections to the database come and go with the load.
  moveToOtherCores(database?.own ?? [])
  const server = treeOf(target.program.pid)
  const before = { server: cpuMicroseconds(server), database: cpuMicroseconds(database?.all ?? []) }
  load.startCounting()
  await delay(seconds * 1000)
  // A round in which nothing was answered would say nothing: it goes on to the first answer.
  while (load.answers === 0 && load.faults.length === 0) await delay(POLL_MS)
  const counted = load.counted()
  const after = { server: cpuMicroseconds(server), database: cpuMicroseconds(database?.all ?? []) }
  const memory = residentBytes(server)
  await load.stop()
  target.program.emptyLog()
  const perRequest = (part: 'server' | 'database') =>
    canReadProcesses ? (after[part] - before[part]) / counted.answers : undefined
  return {
    ...counted,
    serverCpu: perRequest('server'),
    databaseCpu: perRequest('database'),
    memory: canReadProcesses ? memory : undefined,
  }
}

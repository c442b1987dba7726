import { setTimeout as delay } from 'node:timers/promises'
import { askedOf } from './asked.ts'
import { measureRound, type Round } from './measure.ts'
import type { Options } from './options.ts'
import type { Part } from './part.ts'
import { PROMISED } from './reach.ts'
import { medianOf } from './results.ts'
import { fill } from './rows/fill.ts'
import { GRANTS } from './scenarios.ts'
import { FIRST_KEY } from './servers/installation.ts'
import { type Target, Targets } from './servers/targets.ts'
import { ratio } from './statistics.ts'
import { asFigure } from './table.ts'

const READERS = 40
const GRANT_CONNECTIONS = 8
/** What a reader waits that was told to come again, as `Retry-After` says. */
const RETRY_MS = 1000
const WARM_UP_SECONDS = 2

/** What reads of a log by what no index has, and that find nothing, do to grants on the same server. */
export async function measureReaders(
  { rounds, seconds, passes, readRows }: Options,
  say: (line: string) => void,
): Promise<Part> {
  const targets = await Targets.open(['postgresql'], passes, say)
  try {
    const target = await withLog(targets, readRows, say)
    const asked = await askedOf(GRANTS, target)
    const grants = (length: number) => measureRound(target, asked, GRANT_CONNECTIONS, length)
    await grants(Math.min(seconds, WARM_UP_SECONDS))
    const [quiet, beside]: [Round[], Round[]] = [[], []]
    let reads = 0
    for (let round = 1; round <= rounds; round += 1) {
      quiet.push(await grants(seconds))
      const readers = new Readers(target)
      beside.push(await grants(seconds))
      reads += await readers.stop()
      say(
        `round ${round}: median grant ${told(quiet.at(-1))} quiet, ${told(beside.at(-1))} beside ${READERS} readers`,
      )
    }
    const rowOf = (name: string, of: readonly Round[], read: string) => [
      name,
      ...(['rate', 'p50', 'p99'] as const).map((figure, index) =>
        asFigure(medianOf(of, figure), index === 0 ? 0 : 2),
      ),
      read,
    ]
    return {
      tables: [
        {
          title: `Grants beside ${READERS} readers of a log of ${asFigure(readRows, 0)} rows, by what no index has`,
          head: ['', 'grants a second', 'p50 ms', 'p99 ms', 'reads answered'],
          rows: [rowOf('quiet', quiet, ''), rowOf('beside readers', beside, asFigure(reads, 0))],
        },
      ],
      reached: [{ ...PROMISED.readers, seen: ratio(medianOf(beside, 'p50'), medianOf(quiet, 'p50')) }],
    }
  } finally {
    await targets.close()
  }
}

async function withLog(targets: Targets, size: number, say: (line: string) => void): Promise<Target> {
  const [target] = targets.running
  const [pass] = target?.clients.passes ?? []
  if (!target?.database || !pass) throw new Error('The server on PostgreSQL was not started')
  say(`writing ${asFigure(size, 0)} rows …`)
  await fill(target.database.url, pass.agentUserId, size, 1, say)
  return target
}

/** Readers of whom each asks again when it was answered; one that was refused waits as long as it was told to. */
class Readers {
  readonly #stop = new AbortController()
  readonly #running: Promise<void>[]
  #reads = 0

  constructor(target: Target) {
    // An address that no call came from.
    const url = `http://127.0.0.1:${target.program.port}${target.clients.project}/activity/logs?client_ip=198.51.100.1`
    this.#running = Array.from({ length: READERS }, () => this.#read(url))
  }

  /** @returns how many reads were answered @throws when one was answered otherwise than with a page, or refused for now */
  async stop(): Promise<number> {
    this.#stop.abort()
    await Promise.all(this.#running)
    return this.#reads
  }

  async #read(url: string): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const status = await fetch(url, { headers: { 'api-key': FIRST_KEY }, signal })
        .then(async answer => {
          await answer.arrayBuffer()
          return answer.status
        })
        .catch(error => {
          if (!signal.aborted) throw error
        })
      if (status === 200) this.#reads += 1
      else if (status === 429) await delay(RETRY_MS, undefined, { signal }).catch(() => {})
      else if (status !== undefined) throw new Error(`a read of the log was answered ${status}`)
    }
  }
}

function told(round: Round | undefined): string {
  if (!round) return 'nothing'
  return round.faults.length > 0 ? `void (${round.faults[0]})` : `${round.p50.toFixed(1)} ms`
}

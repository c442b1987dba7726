import { setTimeout as delay } from 'node:timers/promises'
import { askedOf } from './asked.ts'
import { ClosedLoop } from './load/closed-loop.ts'
import type { Options } from './options.ts'
import type { Part } from './part.ts'
import { residentBytes, treeOf } from './processes.ts'
import { PROMISED } from './reach.ts'
import { GRANTS } from './scenarios.ts'
import { type Target, Targets } from './servers/targets.ts'
import { ratio } from './statistics.ts'
import { asFigure } from './table.ts'

const CONNECTIONS = 32
const POLL_MS = 20
const MIB = 2 ** 20

/** What this server on PostgreSQL has resident after some grants, and after many more. */
export async function measureMemory({ passes, grants }: Options, say: (line: string) => void): Promise<Part> {
  const targets = await Targets.open(['postgresql'], passes, say)
  try {
    const [target] = targets.running
    if (!target) throw new Error('The server on PostgreSQL was not started')
    const read: number[] = []
    let made = 0
    for (const until of grants) {
      await grant(target, until - made)
      made = until
      read.push(residentBytes(treeOf(target.program.pid)) / MIB)
      say(`after ${asFigure(made, 0)} grants: ${asFigure(read.at(-1), 0)} MiB`)
    }
    const [few, many] = read
    return {
      tables: [
        {
          title: 'Resident memory',
          head: ['grants', 'MiB'],
          rows: grants.map((count, index) => [asFigure(count, 0), asFigure(read[index], 0)]),
        },
      ],
      reached: [{ ...PROMISED.memory, seen: ratio(many, few) }],
    }
  } finally {
    await targets.close()
  }
}

/** @throws when a grant was refused */
async function grant(target: Target, count: number): Promise<void> {
  const load = await ClosedLoop.start(await askedOf(GRANTS, target), CONNECTIONS)
  while (load.answers < count && load.faults.length === 0) {
    await delay(POLL_MS)
    target.program.emptyLog()
  }
  await load.stop()
  const [fault] = load.faults
  if (fault !== undefined) throw new Error(`a grant was refused: ${fault}`)
}

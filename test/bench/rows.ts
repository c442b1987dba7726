import { encodeCursor } from '../../src/http/pagination.ts'
import type { Options } from './options.ts'
import type { Part } from './part.ts'
import { PROMISED } from './reach.ts'
import { type Filled, fill } from './rows/fill.ts'
import { FIRST_KEY } from './servers/installation.ts'
import { type Target, Targets } from './servers/targets.ts'
import { median, ratio } from './statistics.ts'
import { asFigure } from './table.ts'

/** Of each read, in each round. */
const REQUESTS = 12
/** The most that an export has. */
const EXPORTED = 10_000
const DAYS_MS = 30 * 86_400_000

/** A server with a log of one size. */
interface Side {
  readonly target: Target
  readonly filled: Filled
}

/** A request that is as quick with a large log as with a small one. */
interface Read {
  readonly name: string
  path(side: Side): string
}

const AGENT = '/v1/api/oauth/agent/activity'
const ofAgent = (what: string, query: (side: Side) => Record<string, string>) => (side: Side) =>
  `${AGENT}/${what}?${new URLSearchParams({ agent_user_id: side.filled.agent, ...query(side) })}`
const ofProject = (what: string) => (side: Side) => `${side.target.clients.project}/activity/${what}`

const READS: readonly Read[] = [
  { name: 'metrics of 30 days by day', path: ofAgent('metrics', () => ({ group_by: 'day' })) },
  {
    name: 'metrics of 30 days by hour',
    path: ofAgent('metrics', () => ({
      start_date: new Date(Math.ceil((Date.now() - DAYS_MS) / 3_600_000) * 3_600_000).toISOString(),
      group_by: 'hour',
    })),
  },
  { name: 'metrics of the project, 51 agents', path: ofProject('metrics') },
  { name: 'the project’s passes in order of their calls', path: ofProject('passes') },
  { name: 'first page of the log', path: ofAgent('logs', () => ({})) },
  { name: 'first page of the project’s log', path: ofProject('logs') },
  {
    name: 'the last page that has a number',
    path: ofAgent('logs', () => ({ page: '100', per_page: '100' })),
  },
  {
    name: 'a page in the middle, by cursor',
    path: ofAgent('logs', ({ filled: { middle } }) => ({
      cursor: encodeCursor({ key: middle.startedAt.toISOString(), id: middle.id }),
    })),
  },
  {
    name: `export of ${EXPORTED} rows`,
    path: ofAgent('export', ({ filled: { exportFrom } }) => ({
      // Not the grants that the agent made before.
      ...{ format: 'csv', activity_type: 'api_request', start_date: exportFrom.toISOString() },
    })),
  },
]

/** What figures, pages and exports of a small log and of a large one take, asked in turn. */
export async function measureRows({ rows, rounds }: Options, say: (line: string) => void): Promise<Part> {
  const opening = rows.map(() => Targets.open(['postgresql'], 1, say))
  try {
    const sides: Side[] = []
    for (const [index, targets] of (await Promise.all(opening)).entries())
      sides.push(await sideOf(targets, rows[index] ?? 0, say))
    const lines = []
    for (const read of READS) {
      const [small = [], large = []] = await timesOf(read, sides, rounds * REQUESTS)
      lines.push({ name: read.name, small: median(small), large: median(large) })
      say(`${read.name}: ${asFigure(median(small), 1)} ms, ${asFigure(median(large), 1)} ms`)
    }
    const growth = lines.map(({ small, large }) => ratio(large, small))
    const known = growth.filter(one => one !== undefined)
    return {
      tables: [
        {
          title: `A log of ${rows.map(size => asFigure(size, 0)).join(' rows and one of ')}`,
          head: ['', 'small, ms', 'large, ms', 'ratio'],
          rows: lines.map(({ name, small, large }, index) => [
            name,
            ...[asFigure(small, 1), asFigure(large, 1), asFigure(growth[index], 2)],
          ]),
        },
      ],
      reached: [{ ...PROMISED.rows, seen: Math.max(...known) }],
    }
  } finally {
    for (const opened of await Promise.allSettled(opening))
      if (opened.status === 'fulfilled') await opened.value.close()
  }
}

async function sideOf(targets: Targets, size: number, say: (line: string) => void): Promise<Side> {
  const [target] = targets.running
  const [pass] = target?.clients.passes ?? []
  if (!target?.database || !pass) throw new Error('The server on PostgreSQL was not started')
  say(`writing ${asFigure(size, 0)} rows …`)
  return { target, filled: await fill(target.database.url, pass.agentUserId, size, EXPORTED, say) }
}

/** In turn, so that what the machine does besides meets both alike. @returns milliseconds, of each side */
async function timesOf(read: Read, sides: readonly Side[], requests: number): Promise<number[][]> {
  const times: number[][] = sides.map(() => [])
  for (let request = 0; request <= requests; request += 1)
    for (const [index, side] of sides.entries()) {
      const started = performance.now()
      const answer = await fetch(`http://127.0.0.1:${side.target.program.port}${read.path(side)}`, {
        headers: { 'api-key': FIRST_KEY, 'accept-encoding': 'identity' },
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${read.name} was answered ${answer.status}: ${text}`)
      // The first of each is not counted.
      if (request > 0) times[index]?.push(performance.now() - started)
    }
  return times
}

import { comparedToStock, type Result } from './results.ts'
import type { TargetName } from './scenarios.ts'
import { asFigure, type Table } from './table.ts'

/** Something that is promised, as a ratio. */
export interface Promised {
  readonly what: string
  /** Whether more is better, or less. */
  readonly better: 'more' | 'less'
  /** The benchmark fails when this is missed. */
  readonly promised: number
  /** What it is to become. */
  readonly aim: number
}

/** A promise, and what this run saw of it: undefined when that was not measured. */
export interface Reached extends Promised {
  readonly seen: number | undefined
}

interface PromisedOfSpeed extends Promised {
  readonly scenario: string
  readonly connections: number
  readonly target: TargetName
  readonly compared: 'rate' | 'p99' | 'cpu'
}

const main = { target: 'postgresql', better: 'more', compared: 'rate' } as const
const grants = { ...main, scenario: 'grants' } as const
const introspections = { ...main, scenario: 'introspections' } as const
const p99 = { compared: 'p99', better: 'less', connections: 32 } as const

/** On PostgreSQL, one process, each act and its row committed before the answer, next to oidc-provider in memory. */
const SPEED: readonly PromisedOfSpeed[] = [
  { ...grants, what: 'grants a second, 32 connections', connections: 32, promised: 1.8, aim: 2.5 },
  { ...grants, what: 'grants a second, 64 connections', connections: 64, promised: 2.2, aim: 3 },
  {
    ...introspections,
    what: 'introspections a second, 32 connections',
    connections: 32,
    promised: 1.8,
    aim: 2.5,
  },
  {
    ...introspections,
    what: 'introspections a second, 64 connections',
    connections: 64,
    promised: 2.2,
    aim: 3,
  },
  { ...grants, ...p99, what: 'p99 of grants, 32 connections', promised: 0.6, aim: 0.3 },
  { ...introspections, ...p99, what: 'p99 of introspections, 32 connections', promised: 0.6, aim: 0.3 },
  {
    ...{ ...grants, ...p99, compared: 'cpu' },
    what: 'processor time of a grant, of server and database together',
    ...{ promised: 0.9, aim: 0.6 },
  },
  {
    ...{ ...grants, target: 'pglite' },
    what: 'grants a second on the embedded database, 32 connections',
    ...{ connections: 32, promised: 0.8, aim: 1.2 },
  },
]

/** What else is promised, each next to the same server without it. */
export const PROMISED = {
  wrongSecrets: {
    what: 'p99 of good grants under 1,100 wrong secrets a second, to that of a quiet server',
    ...{ better: 'less', promised: 2, aim: 1.3 },
  },
  rows: {
    what: 'the slowest growth of metrics, log and export, with 10,000,000 rows to 100,000',
    ...{ better: 'less', promised: 1.3, aim: 1.1 },
  },
  readers: {
    what: 'the median grant beside 40 reads of a log by what no index has, to that of a quiet server',
    ...{ better: 'less', promised: 2, aim: 1.3 },
  },
  memory: {
    what: 'resident memory after 1,000,000 grants, to that after 10,000',
    ...{ better: 'less', promised: 1.3, aim: 1.1 },
  },
} as const satisfies Record<string, Promised>

/** What a run saw of the promises about speed; those of which it measured nothing are left out. */
export function reachedOfSpeed(results: readonly Result[]): Reached[] {
  return SPEED.map(({ scenario, connections, target, compared, ...promised }) => {
    const result = results.find(one => one.scenario.name === scenario && one.connections === connections)
    return { ...promised, seen: result && comparedToStock(result, target)[compared] }
  }).filter(({ seen }) => seen !== undefined)
}

/** Whether a promise was measured and is not kept. */
export function isMissed({ better, promised, seen }: Reached): boolean {
  if (seen === undefined) return false
  return better === 'more' ? seen < promised : seen > promised
}

/** What is promised, what it is to become, and what was seen. */
export function reachTable(reached: readonly Reached[]): Table {
  return {
    title: 'Promises, as ratios',
    head: ['', 'promised', 'aim', 'seen', ''],
    rows: reached.map(one => [
      one.what,
      `${one.better === 'more' ? '≥' : '≤'} ${one.promised}`,
      String(one.aim),
      one.seen === undefined ? 'not measured' : asFigure(one.seen, 2),
      isMissed(one) ? 'missed' : '',
    ]),
  }
}

import { comparedToStock, type Result } from './results.ts'
import type { TargetName } from './scenarios.ts'

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

type Compared = 'rate' | 'p99' | 'cpu'
interface PromisedOfSpeed extends Promised {
  readonly scenario: string
  readonly connections: number
  readonly target: TargetName
  readonly compared: Compared
}

const main = { target: 'postgresql', better: 'more', compared: 'rate' } as const
const grants = { ...main, scenario: 'grants' } as const
const introspections = { ...main, scenario: 'introspections' } as const

/** On PostgreSQL, one process, each act and its row committed before the answer, next to oidc-provider in memory. */
const SPEED: readonly PromisedOfSpeed[] = [
  { ...grants, what: 'grants a second, 32 connections', connections: 32, promised: 1.8, aim: 2.5 },
  { ...grants, what: 'grants a second, 64 connections', connections: 64, promised: 2.2, aim: 3 },
  {
    ...introspections,
    what: 'introspections a second, 32 connections',
    ...{ connections: 32, promised: 1.8, aim: 2.5 },
  },
  {
    ...introspections,
    what: 'introspections a second, 64 connections',
    ...{ connections: 64, promised: 2.2, aim: 3 },
  },
  {
    ...{ ...grants, compared: 'p99', better: 'less' },
    what: '99% of grants within, 32 connections',
    ...{ connections: 32, promised: 0.6, aim: 0.3 },
  },
  {
    ...{ ...introspections, compared: 'p99', better: 'less' },
    what: '99% of introspections within, 32 connections',
    ...{ connections: 32, promised: 0.6, aim: 0.3 },
  },
  {
    ...{ ...grants, compared: 'cpu', better: 'less' },
    what: 'processor time a grant, server and database together',
    ...{ connections: 32, promised: 0.9, aim: 0.6 },
  },
  {
    ...{ ...grants, target: 'pglite' },
    what: 'grants a second of the embedded default',
    ...{ connections: 32, promised: 0.8, aim: 1.2 },
  },
]

/** 99% of good grants within, while wrong secrets come in, to the same without. */
export const WRONG_SECRETS_PROMISED: Promised = {
  what: '1,000 wrong secrets a second for one client, 100 for another: 99% of good grants within, to a quiet server’s',
  ...{ better: 'less', promised: 2, aim: 1.3 },
}

/** What a run saw of the promises about speed. */
export function reachedOfSpeed(results: readonly Result[]): Reached[] {
  return SPEED.map(({ scenario, connections, target, compared, ...promised }) => {
    const result = results.find(one => one.scenario.name === scenario && one.connections === connections)
    return { ...promised, seen: result && comparedToStock(result, target)[compared] }
  })
}

/** Whether a promise was measured and is not kept. */
export function isMissed({ better, promised, seen }: Reached): boolean {
  if (seen === undefined) return false
  return better === 'more' ? seen < promised : seen > promised
}

import type { Round } from './measure.ts'
import type { Scenario, TargetName } from './scenarios.ts'
import { median, ratio } from './statistics.ts'

const FIGURES = ['rate', 'p50', 'p99', 'serverCpu', 'databaseCpu', 'memory'] as const
type Figure = (typeof FIGURES)[number]

/** Medians of the rounds of one target in one scenario; a figure that nothing told is undefined. */
export interface Line extends Readonly<Record<Figure, number | undefined>> {
  readonly target: TargetName
  /** Why there are no figures, or how many rounds were void and why. */
  readonly remark: string | undefined
}

/** What one scenario gave with so many connections. */
export interface Result {
  readonly scenario: Scenario
  readonly connections: number
  readonly lines: readonly Line[]
}

/** The median of the rounds without faults; undefined where there is none that tells. */
export function medianOf(rounds: readonly Round[], figure: Figure): number | undefined {
  const told = rounds
    .filter(isGood)
    .map(round => round[figure])
    .filter(value => value !== undefined)
  return told.length > 0 ? median(told) : undefined
}

/** @param rounds of the target; those with faults do not count */
export function lineOf(target: TargetName, rounds: readonly Round[]): Line {
  const good = rounds.filter(isGood)
  const faults = rounds.flatMap(round => round.faults)
  const remark =
    faults.length === 0
      ? undefined
      : `${rounds.length - good.length} of ${rounds.length} rounds void, ${faults.length} faults: ${faults[0]}`
  return { target, remark, ...figures(name => medianOf(rounds, name)) }
}

/** A line for a target that was not measured. */
export function missingLine(target: TargetName, remark: string): Line {
  return { target, remark, ...figures(() => undefined) }
}

/** The line of a target, and how it stands to that of oidc-provider in the same rounds. */
export function comparedToStock({ lines }: Result, target: TargetName) {
  const [line, stock] = [target, 'stock'].map(name => lines.find(one => one.target === name))
  const cpu = (of: Line | undefined) =>
    of?.serverCpu === undefined ? undefined : of.serverCpu + (of.databaseCpu ?? 0)
  return {
    line,
    rate: ratio(line?.rate, stock?.rate),
    p99: ratio(line?.p99, stock?.p99),
    cpu: ratio(cpu(line), cpu(stock)),
  }
}

function figures(of: (name: Figure) => number | undefined): Record<Figure, number | undefined> {
  return {
    rate: of('rate'),
    p50: of('p50'),
    p99: of('p99'),
    serverCpu: of('serverCpu'),
    databaseCpu: of('databaseCpu'),
    memory: of('memory'),
  }
}

function isGood({ faults }: Round): boolean {
  return faults.length === 0
}

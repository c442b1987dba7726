import { askedOf } from './asked.ts'
import { measureRound, type Round } from './measure.ts'
import type { Options } from './options.ts'
import type { Part } from './part.ts'
import { reachedOfSpeed } from './reach.ts'
import { resultTable } from './report.ts'
import { lineOf, missingLine, type Result } from './results.ts'
import { SCENARIOS } from './scenarios.ts'
import { type Target, Targets } from './servers/targets.ts'

const WARM_UP_SECONDS = 2

/** A scenario with a number of connections. */
type Chosen = Pick<Result, 'scenario' | 'connections'>

/** One thing that is measured in each round. */
interface Series extends Chosen {
  readonly target: Target
  readonly rounds: Round[]
}

/** Rates, times and costs of all that the options name, next to other servers. @param say tells of every round */
export async function measureSpeed(options: Options, say: (line: string) => void): Promise<Part> {
  const chosen = SCENARIOS.filter(({ name }) => options.only.includes(name)).flatMap(scenario =>
    (options.connections ?? scenario.connections).map((connections): Chosen => ({ scenario, connections })),
  )
  const wanted = options.targets.filter(name =>
    chosen.some(({ scenario }) => scenario.targets.includes(name)),
  )
  const targets = await Targets.open(wanted, options.passes, say)
  try {
    const series = chosen.flatMap(({ scenario, connections }) =>
      targets.running
        .filter(({ name }) => scenario.targets.includes(name))
        .map((target): Series => ({ scenario, connections, target, rounds: [] })),
    )
    await measureAll(series, options, say)
    const results = chosen.map(one => resultOf(one, wanted, series, targets))
    return { tables: results.map(resultTable), reached: reachedOfSpeed(results) }
  } finally {
    await targets.close()
  }
}

/** Rounds of which each has all of it: what the machine does besides meets everything alike. */
async function measureAll(
  series: readonly Series[],
  { rounds, seconds }: Options,
  say: (line: string) => void,
): Promise<void> {
  // A first round, which does not count, has each server do all that it is asked for later.
  for (const one of series) await measureOne(one, Math.min(seconds, WARM_UP_SECONDS))
  for (let round = 1; round <= rounds; round += 1) {
    // Every other round goes the other way, so that nothing is always measured after the same.
    for (const one of round % 2 === 1 ? series : series.toReversed()) {
      const seen = await measureOne(one, seconds)
      one.rounds.push(seen)
      say(told(round, one, seen))
    }
  }
}

async function measureOne({ scenario, connections, target }: Series, seconds: number): Promise<Round> {
  return measureRound(target, await askedOf(scenario, target), connections, seconds)
}

function resultOf(
  { scenario, connections }: Chosen,
  wanted: Options['targets'],
  series: readonly Series[],
  { missing }: Targets,
): Result {
  const own = series.filter(one => one.scenario === scenario && one.connections === connections)
  const lines = scenario.targets
    .filter(name => wanted.includes(name))
    .map(name => {
      const found = own.find(({ target }) => target.name === name)
      return found ? lineOf(name, found.rounds) : missingLine(name, missing.get(name) ?? 'not measured')
    })
  return { scenario, connections, lines }
}

function told(round: number, { scenario, connections, target }: Series, seen: Round): string {
  const where = `round ${round}: ${scenario.name}, ${connections} connections, ${target.name}`
  const [fault] = seen.faults
  if (fault !== undefined) return `${where}: void, ${seen.faults.length} faults: ${fault}`
  return `${where}: ${Math.round(seen.rate)} a second`
}

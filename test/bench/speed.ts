import { askedOf } from './asked.ts'
import { measureRound, type Round } from './measure.ts'
import type { Options } from './options.ts'
import { lineOf, missingLine, type Result } from './results.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import type { Target, Targets } from './servers/targets.ts'

/** One thing that is measured in each round. */
interface Series {
  readonly scenario: Scenario
  readonly connections: number
  readonly target: Target
  readonly rounds: Round[]
}

/** Measures all that the options name, in rounds of which each has all of it. @param say tells of every round */
export async function measureSpeed(
  targets: Targets,
  options: Options,
  say: (line: string) => void,
): Promise<Result[]> {
  const chosen = SCENARIOS.filter(({ name }) => options.only.includes(name)).flatMap(scenario =>
    (options.connections ?? scenario.connections).map(connections => ({ scenario, connections })),
  )
  const series = chosen.flatMap(({ scenario, connections }) =>
    targets.running
      .filter(({ name }) => scenario.targets.includes(name))
      .map((target): Series => ({ scenario, connections, target, rounds: [] })),
  )
  // A first round, which does not count, has each server do all that it is asked for later.
  for (const one of series) await measureOne(one, Math.min(options.seconds, 2))
  for (let round = 1; round <= options.rounds; round += 1) {
    // Every other round goes the other way, so that nothing is always measured after the same.
    for (const one of round % 2 === 1 ? series : series.toReversed()) {
      const seen = await measureOne(one, options.seconds)
      one.rounds.push(seen)
      say(told(round, one, seen))
    }
  }
  return chosen.map(({ scenario, connections }) => ({
    scenario,
    connections,
    lines: scenario.targets
      .filter(name => options.targets.includes(name))
      .map(name => {
        const found = series.find(
          one => one.scenario === scenario && one.connections === connections && one.target.name === name,
        )
        return found
          ? lineOf(name, found.rounds)
          : missingLine(name, targets.missing.get(name) ?? 'not measured')
      }),
  }))
}

async function measureOne({ scenario, connections, target }: Series, seconds: number): Promise<Round> {
  return measureRound(target, await askedOf(scenario, target), connections, seconds)
}

function told(round: number, { scenario, connections, target }: Series, seen: Round): string {
  const where = `round ${round}: ${scenario.name}, ${connections} connections, ${target.name}`
  const [fault] = seen.faults
  if (fault !== undefined) return `${where}: void, ${seen.faults.length} faults: ${fault}`
  return `${where}: ${Math.round(seen.rate)} a second`
}

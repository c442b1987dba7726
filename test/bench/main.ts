import { fileURLToPath } from 'node:url'
import { OperatorError } from '../../src/platform/errors.ts'
import { canPin, moveToOtherCores } from './cores.ts'
import { type Options, optionsOf, USAGE } from './options.ts'
import { profile } from './profile.ts'
import { isMissed, reachedOfSpeed } from './reach.ts'
import { asText, reachTable, resultTable } from './report.ts'
import { Targets } from './servers/targets.ts'
import { measureSpeed } from './speed.ts'

/**
 * `npm run bench`: this server, everything committed and recorded, next to oidc-provider as it comes with everything in
 * memory, in one run. Exit code 1 when a promise (`reach.ts`) is not kept. docs/performance.md says how to read it.
 */
process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
try {
  await run(optionsOf(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n\n${USAGE}`)
  process.exitCode = error.exitCode
}

async function run(options: Options): Promise<void> {
  if (options.help) {
    process.stdout.write(USAGE)
    return
  }
  moveToOtherCores([process.pid])
  if (!canPin)
    say('There is no taskset, or one core alone: server, database and load are placed by the system.')
  if (options.profile !== undefined) return profile(options, options.profile, say)
  const targets = await Targets.open(options.targets, options.passes, say)
  try {
    const results = await measureSpeed(targets, options, say)
    const reached = reachedOfSpeed(results)
    for (const result of results) process.stdout.write(asText(resultTable(result)))
    process.stdout.write(asText(reachTable(reached)))
    process.exitCode = reached.some(isMissed) ? 1 : 0
  } finally {
    await targets.close()
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

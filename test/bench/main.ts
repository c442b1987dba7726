import { fileURLToPath } from 'node:url'
import { OperatorError } from '../../src/platform/errors.ts'
import { isPinning, moveToOtherCores, placeFreely } from './cores.ts'
import { writeMarkdown } from './markdown.ts'
import { measureMemory } from './memory.ts'
import { type Options, optionsOf, type PartName, USAGE } from './options.ts'
import type { Part } from './part.ts'
import { profile } from './profile.ts'
import { isMissed, type Reached, reachTable } from './reach.ts'
import { measureReaders } from './readers.ts'
import { measureRows } from './rows.ts'
import { measureSpeed } from './speed.ts'
import { asText } from './table.ts'
import { measureWrongSecrets } from './wrong-secrets.ts'

type Say = (line: string) => void
const PARTS: Readonly<Record<PartName, (options: Options, say: Say) => Promise<Part>>> = {
  speed: measureSpeed,
  'wrong-secrets': measureWrongSecrets,
  rows: measureRows,
  readers: measureReaders,
  memory: measureMemory,
}

/**
 * `npm run bench`: this server, everything committed and recorded, next to oidc-provider as it comes with everything in
 * memory, in one run. Exit code 1 when a promise is not kept. docs/performance.md says how to read it.
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
  if (options.unpinned) placeFreely()
  moveToOtherCores([process.pid])
  if (!isPinning()) say('Server, database and load are placed by the system: they may be on one core.')
  if (options.profile !== undefined) return profile(options, options.profile, say)
  const reached: Reached[] = []
  for (const name of options.parts) {
    const part = await PARTS[name](options, say)
    for (const table of part.tables) process.stdout.write(asText(table))
    if (options.markdown) await writeMarkdown(name, part, options)
    reached.push(...part.reached)
  }
  process.stdout.write(asText(reachTable(reached)))
  process.exitCode = reached.some(isMissed) ? 1 : 0
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

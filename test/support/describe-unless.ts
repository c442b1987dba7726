import { appendFileSync } from 'node:fs'
import { namedBackend } from './backend.ts'

/**
 * Declares tests, or skips them and says so where they have nothing to act on: at once, and at the end of the run.
 * @param reason why there is nothing; undefined where there is
 */
export function describeUnless(reason: string | undefined, name: string, tests: () => void): void {
  if (reason !== undefined) tellNotTested(`Not tested on ${namedBackend()}: ${name}. ${reason}`)
  // Declared all the same: jest fails a file without tests, and counts those that are skipped.
  const declare = reason === undefined ? describe : describe.skip
  declare(name, tests)
}

function tellNotTested(line: string): void {
  process.stderr.write(`${line}\n`)
  const { TEST_NOT_TESTED: file } = process.env
  if (file) appendFileSync(file, `${line}\n`)
}

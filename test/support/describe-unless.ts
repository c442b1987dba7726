/**
 * Declares tests, or skips them and says so where they have nothing to act on.
 * @param reason why there is nothing; undefined where there is
 */
export function describeUnless(reason: string | undefined, name: string, tests: () => void): void {
  if (reason !== undefined) process.stderr.write(`Not tested: ${name}. ${reason}\n`)
  // Declared all the same: jest fails a file without tests, and counts those that are skipped.
  const declare = reason === undefined ? describe : describe.skip
  declare(name, tests)
}

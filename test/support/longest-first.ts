import { statSync } from 'node:fs'

interface TestFile {
  readonly path: string
}

/** Files that take long for their size, for what they start or walk through. */
const LONG = [/\/processes\//, /\/console\//, /\/http\/(isolation|fuzz|roles)\./, /\/redis-cluster\./]

/**
 * The order of the test files: at the end of the run, no worker shall wait for another that has begun a long one.
 * It is the same in each run, whatever an earlier one took.
 */
export default class LongestFirst {
  sort<File extends TestFile>(files: readonly File[]): File[] {
    return files
      .map(file => ({ file, long: LONG.some(one => one.test(file.path)), size: statSync(file.path).size }))
      .sort((one, other) => Number(other.long) - Number(one.long) || other.size - one.size)
      .map(({ file }) => file)
  }

  /** For `--onlyFailures`: nothing is remembered, so all of them. */
  allFailedTests<File extends TestFile>(files: readonly File[]): readonly File[] {
    return files
  }

  cacheResults(): void {}
}

import { currentBackend } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { runScript } from '../support/process.ts'

const TINY = ['--unpinned', '--rounds', '1', '--rows', '400,800']
const noDatabase = currentBackend() === 'pglite' ? 'It needs databases of its own on PostgreSQL.' : undefined

describeUnless(noDatabase, 'the benchmark of large logs', () => {
  it('writes logs of two sizes, and reads figures, pages and exports of both', async () => {
    const { stdout, stderr } = await runScript(['test/bench/main.ts', '--parts', 'rows', ...TINY], {})
    // How the promise turns out with such logs says nothing.
    expect(stderr).not.toContain('Error')
    for (const read of [
      'metrics of 30 days by hour',
      'a page in the middle, by cursor',
      'export of 10000 rows',
    ])
      expect(stdout).toMatch(new RegExp(`^${read} +[\\d.]+ +[\\d.]+ +[\\d.]+$`, 'm'))
    expect(stdout).toMatch(/^the slowest growth .* ≤ [\d.]+ +[\d.]+ +[\d.]+/m)
  })
})

import { runScript } from '../support/process.ts'

const SCENARIOS = ['grants', 'introspections', 'es256']
const CHOSEN = ['--only', SCENARIOS.join(','), '--targets', 'stock,oauth2-server,bare,pglite']
const TINY = ['--unpinned', '--passes', '3', '--rounds', '1', '--seconds', '0.2', '--connections', '4']

/** Lines of a table without remarks: all figures are there. @returns the name of each, and its figures */
function measured(output: string): [name: string, ...figures: string[]][] {
  return output
    .split('\n')
    .map(line => line.split(/ {2,}/))
    .filter((cells): cells is [string, ...string[]] => cells.length === 10 && cells[0] !== '')
}

describe('the benchmark', () => {
  it('measures grants, introspections and signed tokens of each server that needs nothing but Node.js', async () => {
    const { code, stdout, stderr } = await runScript(['test/bench/main.ts', ...CHOSEN, ...TINY], {})
    const voided = stderr.split('\n').filter(line => line.includes(': void'))
    expect({ code, voided }).toEqual({ code: 0, voided: [] })
    const lines = measured(stdout)
    const names = [
      'oidc-provider, in memory',
      'node:http, the same bytes',
      'Sentinel Pass, embedded database',
    ]
    const all = [names[0], '@node-oauth/oauth2-server, in memory', names[1], names[2]]
    expect(lines.map(([name]) => name)).toEqual([...all, ...names, names[0], names[2]])
    for (const [, rate, ratio, p50, p99] of lines)
      for (const figure of [rate, ratio, p50, p99])
        expect(Number(figure?.replaceAll(',', ''))).toBeGreaterThan(0)
  })

  it('says what can be chosen to who chooses something else', async () => {
    const { code, stderr } = await runScript(['test/bench/main.ts', '--only', 'refunds'], {})
    expect(code).toBe(64)
    expect(stderr).toContain('--only')
    expect(stderr).toContain('key-introspections')
  })
})

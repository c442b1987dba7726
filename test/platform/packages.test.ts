import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'))

const { packages } = z
  .object({
    packages: z.record(
      z.string(),
      z.object({ name: z.string().optional(), hasInstallScript: z.boolean().optional() }),
    ),
  })
  .parse(read('package-lock.json'))
const { allowScripts } = z
  .object({ allowScripts: z.record(z.string(), z.boolean()) })
  .parse(read('package.json'))

/** What the packages at a place are called, by the folder that they are installed in. */
const installed = Object.entries(packages)
  .filter(([folder]) => folder !== '')
  .map(([folder, entry]) => ({
    ...entry,
    folder,
    name: entry.name ?? folder.split('node_modules/').at(-1) ?? '',
  }))

describe('what is installed', () => {
  it('has no package that reports installations', () => {
    // swagger-ui-dist asks for @scarf/scarf: an empty package is in its place, whatever npm runs the install.
    expect(installed.filter(({ folder }) => folder.endsWith('@scarf/scarf'))).toMatchObject([
      { name: '@favware/skip-dependency' },
    ])
    expect(installed.map(({ name }) => name)).not.toContain('@scarf/scarf')
    for (const { folder } of installed.filter(({ name }) => name === '@favware/skip-dependency'))
      expect(existsSync(join(ROOT, folder, 'report.js'))).toBe(false)
  })

  it('has install scripts in the packages alone that are known not to need them, and npm is told to run none', () => {
    const scripted = installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)
    expect(Object.fromEntries(scripted.map(name => [name, false]))).toEqual(allowScripts)
  })
})

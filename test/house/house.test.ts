import { readFileSync } from 'node:fs'
import {
  constructedElsewhere,
  misplacedPackages,
  misplacedStatements,
  orderOf,
  readEnvironment,
  rowOf,
  upwardImports,
  valuesInConsole,
} from './rules.ts'
import { readSource, readSources } from './sources.ts'

const order = orderOf(readFileSync('CONTRIBUTING.md', 'utf8'))
const sources = readSources('src')

it('has a row in CONTRIBUTING.md for every folder and file of src/, and none for what is not there', () => {
  expect(sources.map(({ path }) => path).filter(path => rowOf(order, path) === -1)).toEqual([])
  const inUse = new Set(sources.map(({ path }) => rowOf(order, path)))
  expect(order.filter((_row, index) => !inUse.has(index))).toEqual([])
})

it('imports only from what stands below, types included', () => {
  const imported = sources.flatMap(({ imports }) => imports).filter(({ file }) => file !== undefined)
  // Had none been found, none would be wrong.
  expect(imported.length).toBeGreaterThan(1000)
  expect(sources.flatMap(source => upwardImports(order, source))).toEqual([])
})

it('imports oidc-provider in oauth/library/ and sign-in/ alone, and its insides and OpenTelemetry in one file each', () => {
  expect(sources.flatMap(misplacedPackages)).toEqual([])
})

it('imports nothing of the server but types in the console', () => {
  expect(sources.flatMap(valuesInConsole)).toEqual([])
})

it('reads the environment in platform/config.ts alone', () => {
  expect(sources.flatMap(readEnvironment)).toEqual([])
})

it('writes statements in stores, in record/ and in platform/ alone', () => {
  expect(sources.flatMap(misplacedStatements)).toEqual([])
})

it('constructs services and stores in the module of their folder alone', () => {
  expect(sources.flatMap(constructedElsewhere)).toEqual([])
})

describe('of what breaks a rule it tells', () => {
  it.each([
    "import { a } from '../passes/pass.store.ts'",
    "import type { A } from '../passes/pass.store.ts'",
    "import { type A } from '../passes/pass.store.ts'",
    "import '../passes/pass.store.ts'",
    "export { a } from '../passes/pass.store.ts'",
    "export * from '../passes/pass.store.ts'",
    "const later = import('../passes/pass.store.ts')",
    "let a: import('../passes/pass.store.ts').A",
  ])('an import from above: %s', form => {
    expect(upwardImports(order, readSource('http/body.ts', form))).toEqual([
      'http/body.ts imports passes/pass.store.ts: http/ stands below passes/ in CONTRIBUTING.md',
    ])
    expect(upwardImports(order, readSource('users/me.ts', form))).toEqual([])
  })

  it('an import from a folder inside, but in the module that puts both together', () => {
    const form = "import { createProvider } from './library/provider.ts'"
    expect(upwardImports(order, readSource('oauth/metadata.ts', form))).toHaveLength(1)
    expect(upwardImports(order, readSource('oauth/oauth.module.ts', form))).toEqual([])
  })

  it.each([
    ["import Provider from 'oidc-provider'", 'oauth/metadata.ts', 'sign-in/sign-in-provider.ts'],
    ["import type { Adapter } from 'oidc-provider'", 'deps.ts', 'oauth/library/oidc-adapter.ts'],
    ["import a from 'oidc-provider/lib/a.js'", 'oauth/library/clients.ts', 'oauth/library/oidc-internals.ts'],
    ["import { trace } from '@opentelemetry/api'", 'platform/tracing.ts', 'platform/open-telemetry.ts'],
  ])('a package where it has no place: %s', (form, wrong, right) => {
    expect(misplacedPackages(readSource(wrong, form))).toHaveLength(1)
    expect(misplacedPackages(readSource(right, form))).toEqual([])
  })

  it('a value of the server in the console', () => {
    const [type, value] = [
      "import type { A } from '../../access/role.ts'",
      "import { ROLES, type A } from '../../access/role.ts'",
    ]
    expect(valuesInConsole(readSource('console/api/access.ts', type))).toEqual([])
    expect(valuesInConsole(readSource('console/api/access.ts', value))).toHaveLength(1)
  })

  it('a variable of the environment that is read elsewhere', () => {
    expect(readEnvironment(readSource('main.ts', 'serve(process.env)'))).toEqual([])
    expect(readEnvironment(readSource('main.ts', 'const port = process.env.PORT'))).toHaveLength(1)
    expect(readEnvironment(readSource('http/body.ts', 'serve(process.env)'))).toHaveLength(1)
  })

  it.each([
    'database.query(sql)',
    'this.#database.queryPrepared(name, sql)',
    'this.#database.deletePast(table, column, now, 1)',
    'this.#database.em().findOne(A, {})',
    'em.execute(sql)',
    'em.find(A, {})',
  ])('a statement outside of a store: %s', form => {
    expect(misplacedStatements(readSource('passes/pass.service.ts', form))).toHaveLength(1)
    expect(misplacedStatements(readSource('passes/pass.store.ts', form))).toEqual([])
  })

  it('no entity that a service makes', () => {
    expect(misplacedStatements(readSource('passes/pass.service.ts', 'em.create(A, {})'))).toEqual([])
  })

  it('a store that is constructed elsewhere', () => {
    const made = (from: string) =>
      `import { AStore } from '${from}/a.store.ts'\nconst store = new AStore(database)`
    expect(constructedElsewhere(readSource('oauth/oauth.module.ts', made('../passes')))).toHaveLength(1)
    expect(constructedElsewhere(readSource('passes/pass.service.ts', made('.')))).toHaveLength(1)
    expect(constructedElsewhere(readSource('passes/passes.module.ts', made('.')))).toEqual([])
  })
})

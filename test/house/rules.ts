import type { SourceFile } from './sources.ts'

/** Calls that send a statement, whatever they are called on, and those that make one of the names that they are given. */
const STATEMENTS = /^(query|queryPrepared|execute)$/
const MADE_STATEMENTS = /(^|[.#])database\.(deletePast|replaceBytes)$/
/** What a service may do with an entity manager besides: it makes entities, and removes what a store has found. */
const UNIT_OF_WORK = new Set(['create', 'remove', 'getReference', 'flush', 'transactional'])
/** Where a program begins, and hands the environment over. */
const BEGINS = /^(main|migrate)\.ts$|^command-line\//

/** The first column of the table of what stands where, from top to bottom. */
export function orderOf(document: string): string[] {
  const [, table = ''] = document.split('| in `src/` | what it is |\n| --- | --- |\n')
  return [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, row = '']) => row)
}

/**
 * The row that a file belongs to, -1 for none: its own, or that of its folder. The module of a folder puts it together with
 * the folders inside it, and stands as high as the highest of them.
 */
export function rowOf(order: readonly string[], path: string): number {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  if (path.endsWith('.module.ts')) return order.findIndex(row => row.startsWith(folder))
  const rows = order.filter(row => (row.endsWith('/') ? path.startsWith(row) : path === row))
  const nearest = rows.toSorted((one, other) => other.length - one.length)[0]
  return nearest === undefined ? -1 : order.indexOf(nearest)
}

/** Imports, of types too, from above. */
export function upwardImports(order: readonly string[], { path, imports }: SourceFile): string[] {
  const own = rowOf(order, path)
  return imports.flatMap(({ file }) => {
    const row = file === undefined ? -1 : rowOf(order, file)
    if (row === -1 || row >= own) return []
    return [`${path} imports ${file}: ${order[own]} stands below ${order[row]} in CONTRIBUTING.md`]
  })
}

/** Packages that have a place of their own, the narrowest first. */
const PLACES = [
  {
    package: 'oidc-provider/',
    files: /^oauth\/library\/oidc-(provider-)?internals\./,
    named: 'oauth/library/oidc-internals.ts',
  },
  { package: 'oidc-provider', files: /^(oauth\/library|sign-in)\//, named: 'oauth/library/ and sign-in/' },
  {
    package: '@opentelemetry/',
    files: /^platform\/open-telemetry\.ts$/,
    named: 'platform/open-telemetry.ts',
  },
]

/** Imports of packages where they have no place. */
export function misplacedPackages({ path, imports }: SourceFile): string[] {
  return imports.flatMap(({ specifier }) => {
    const place = PLACES.find(one => specifier.startsWith(one.package))
    return place && !place.files.test(path)
      ? [`${path} imports ${specifier}, which is for ${place.named}`]
      : []
  })
}

/** Values of the server in what runs in a browser. */
export function valuesInConsole({ path, imports }: SourceFile): string[] {
  if (!path.startsWith('console/')) return []
  return imports
    .filter(({ file, typeOnly }) => file !== undefined && !file.startsWith('console/') && !typeOnly)
    .map(({ file }) => `${path} imports values of ${file}`)
}

/** Readings of the environment, which a program hands over whole. */
export function readEnvironment({ path, environment }: SourceFile): string[] {
  if (environment.named === (BEGINS.test(path) ? environment.handedOver : 0)) return []
  return [`${path} reads process.env, which is for platform/config.ts`]
}

/** Statements outside of stores. */
export function misplacedStatements({ path, calls }: SourceFile): string[] {
  if (path.endsWith('.store.ts') || /^(record|platform)\//.test(path)) return []
  return calls
    .filter(
      ({ on, method }) =>
        STATEMENTS.test(method) ||
        MADE_STATEMENTS.test(`${on}.${method}`) ||
        (isManager(on) && !UNIT_OF_WORK.has(method)),
    )
    .map(({ on, method }) => `${path} calls ${on}.${method}: statements are for stores`)
}

function isManager(on: string): boolean {
  return /(^|\.)em(\(\))?$/.test(on)
}

/** Services and stores that are constructed elsewhere than in the module of their own folder. */
export function constructedElsewhere({ path, imports, constructs }: SourceFile): string[] {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return imports
    .flatMap(({ file, names }) => names.map(name => ({ file, name })))
    .filter(
      ({ file, name }) => file !== undefined && /(Service|Store)$/.test(name) && constructs.includes(name),
    )
    .filter(({ file }) => !path.endsWith('.module.ts') || !file?.startsWith(folder))
    .map(({ file, name }) => `${path} constructs ${name}, which is for the module beside ${file}`)
}

import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from 'vite'

/** What one file imports: types, values, or a module that is loaded later. */
export interface Import {
  /** As it is written. */
  readonly specifier: string
  /** The file below `src/` that it leads to; undefined for a package, and for what is outside of `src/`. */
  readonly file: string | undefined
  /** What it is called here. */
  readonly names: readonly string[]
  readonly typeOnly: boolean
}

/** A file of the server, by what the rules of the house are about. */
export interface SourceFile {
  /** Below `src/`. */
  readonly path: string
  readonly imports: readonly Import[]
  /** Calls of methods, with what they are called on, as it is written. */
  readonly calls: readonly { readonly on: string; readonly method: string }[]
  /** Names of what is constructed. */
  readonly constructs: readonly string[]
  /** How often `process.env` is named, and how often as a whole argument of a call. */
  readonly environment: { readonly named: number; readonly handedOver: number }
}

/** Every file of a folder, and of those in it. */
export function readSources(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => /\.tsx?$/.test(path))
    .toSorted()
    .map(path => readSource(path, readFileSync(join(folder, path), 'utf8')))
}

/** @param path below `src/` */
export function readSource(path: string, text: string): SourceFile {
  const { errors, program } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path} cannot be parsed: ${errors[0].message}`)
  const textOf = (node: Node) => text.slice(node.start, node.end)
  const isEnvironment = (node: Node) => node.type === 'MemberExpression' && textOf(node) === 'process.env'
  const nodes = [...nodesBelow(program)]
  const callsAndMore = nodes.filter(({ type }) => type === 'CallExpression')
  return {
    path,
    imports: nodes.flatMap(node => importOf(path, node)),
    calls: callsAndMore
      .flatMap(call => children(call, 'callee'))
      .filter(({ type }) => type === 'MemberExpression')
      .flatMap(callee => {
        const [on, method] = [...children(callee, 'object'), ...children(callee, 'property')]
        return on && method ? [{ on: textOf(on), method: textOf(method) }] : []
      }),
    constructs: nodes
      .filter(({ type }) => type === 'NewExpression')
      .flatMap(node => children(node, 'callee').map(textOf)),
    environment: {
      named: nodes.filter(isEnvironment).length,
      handedOver: callsAndMore.flatMap(call => children(call, 'arguments')).filter(isEnvironment).length,
    },
  }
}

/** A node of the parser's tree; which members it has depends on its type. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** The nodes in a member, or in all of them. */
function children(node: object, member?: string): Node[] {
  return Object.entries(node)
    .filter(([name]) => member === undefined || name === member)
    .flatMap(([, value]) => value)
    .filter(isNode)
}

function* nodesBelow(node: object): Generator<Node> {
  for (const child of children(node)) {
    yield child
    yield* nodesBelow(child)
  }
}

/** `import … from`, `export … from`, `import(…)` and `import('…').Type`. */
function importOf(path: string, node: Node): Import[] {
  if (!/^(Import(Declaration|Expression|Type)|Export(Named|All)Declaration|TSImportType)$/.test(node.type))
    return []
  const [source] = children(node, 'source')
  if (!source || !('value' in source) || typeof source.value !== 'string') return []
  const specifier = source.value
  const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
  const specifiers = children(node, 'specifiers')
  const typeOnly =
    node.type === 'TSImportType' || isOfTypes(node) || (specifiers.length > 0 && specifiers.every(isOfTypes))
  const names = specifiers.flatMap(one => children(one, 'local')).flatMap(nameOf)
  return [{ specifier, file: target?.startsWith('..') ? undefined : target, names, typeOnly }]
}

function isOfTypes(node: object): boolean {
  return (
    ('importKind' in node && node.importKind === 'type') ||
    ('exportKind' in node && node.exportKind === 'type')
  )
}

function nameOf(node: object): string[] {
  return 'name' in node && typeof node.name === 'string' ? [node.name] : []
}

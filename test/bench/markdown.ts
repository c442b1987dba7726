import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { EX_USAGE, OperatorError } from '../../src/platform/errors.ts'
import { canPin } from './cores.ts'
import type { Options } from './options.ts'
import type { Part } from './part.ts'
import { reachTable } from './reach.ts'
import { asMarkdown } from './table.ts'

const FILE = 'docs/performance.md'
const GIB = 2 ** 30

/**
 * Writes a part into the documentation, between two comments that stand there; what is around them is left as it is.
 * @throws OperatorError where they do not
 */
export async function writeMarkdown(name: string, part: Part, options: Options): Promise<void> {
  const [begin, end] = [`<!-- bench: ${name} -->`, `<!-- /bench: ${name} -->`]
  const text = await readFile(FILE, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from)
    throw new OperatorError(`${FILE} has no place between ${begin} and ${end}: write both into it.`, EX_USAGE)
  const tables = [...part.tables, reachTable(part.reached)].map(asMarkdown)
  const written = [begin, '', machine(options), '', ...tables.flatMap(table => [table, ''])].join('\n')
  await writeFile(FILE, text.slice(0, from) + written + text.slice(to))
}

function machine({ rounds, seconds }: Options): string {
  const processor = cpus()[0]?.model ?? 'an unknown processor'
  const placed = canPin
    ? 'server on one, load and database on the rest'
    : 'shared by server, load and database'
  return (
    `${availableParallelism()} cores of ${processor} (${placed}), ${Math.round(totalmem() / GIB)} GiB, ` +
    `${process.platform} ${process.arch}, Node.js ${process.versions.node}; medians of ${rounds} rounds of ${seconds} seconds.`
  )
}

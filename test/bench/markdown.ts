import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import pg from 'pg'
import { EX_USAGE, OperatorError } from '../../src/platform/errors.ts'
import { postgresUrl } from '../support/backend.ts'
import { isPinning } from './cores.ts'
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
  const written = `${[begin, `${await machine(options)}\n`, ...tables].join('\n')}\n`
  await writeFile(FILE, text.slice(0, from) + written + text.slice(to))
}

async function machine({ rounds, seconds }: Options): Promise<string> {
  const [processor] = cpus()
  const placed = isPinning()
    ? 'the server on one, load and database on the rest'
    : 'shared by server, load and database'
  return [
    `${cpus().length} cores of ${processor?.model.trim() ?? 'an unknown processor'} (${placed})`,
    `${Math.round(totalmem() / GIB)} GiB of memory, ${process.platform}, Node.js ${process.versions.node}`,
    `PostgreSQL ${await postgresVersion()}; medians of ${rounds} rounds of ${seconds} seconds.`,
  ].join(', ')
}

async function postgresVersion(): Promise<string> {
  const client = new pg.Client({ connectionString: postgresUrl() })
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version.split(' ')[0] ?? 'of an unknown version'
  } finally {
    await client.end()
  }
}

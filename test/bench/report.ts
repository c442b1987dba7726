import { isMissed, type Reached } from './reach.ts'
import { comparedToStock, type Result } from './results.ts'
import { TARGET_TITLES } from './scenarios.ts'

/** A table, of which all but the first column are figures. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const NOTHING = '–'
const MIB = 2 ** 20

/** What one scenario gave, a line for each target. */
export function resultTable(result: Result): Table {
  return {
    title: `${result.scenario.title}, ${result.connections} connections`,
    head: [
      ...['', 'a second', 'to stock', 'p50 ms', 'p99 ms', 'p99 to stock'],
      ...['CPU µs server', 'CPU µs database', 'CPU to stock', 'memory MiB'],
    ],
    rows: result.lines.map(line => {
      const compared = comparedToStock(result, line.target)
      const title = TARGET_TITLES[line.target]
      const name = line.remark === undefined ? title : `${title} (${line.remark})`
      return [
        name,
        figure(line.rate, 0),
        figure(compared.rate, 2),
        figure(line.p50, 2),
        figure(line.p99, 2),
        figure(compared.p99, 2),
        figure(line.serverCpu, 0),
        figure(line.databaseCpu, 0),
        figure(compared.cpu, 2),
        figure(line.memory === undefined ? undefined : line.memory / MIB, 0),
      ]
    }),
  }
}

/** What is promised, what it is to become, and what was seen. */
export function reachTable(reached: readonly Reached[]): Table {
  return {
    title: 'Reach',
    head: ['', 'promised', 'aim', 'seen'],
    rows: reached.map(one => [
      `${one.what}${isMissed(one) ? ' (missed)' : ''}`,
      `${one.better === 'more' ? '≥' : '≤'} ${one.promised}`,
      String(one.aim),
      one.seen === undefined ? 'not measured' : figure(one.seen, 2),
    ]),
  }
}

/** For a terminal: figures stand under each other. */
export function asText({ title, head, rows }: Table): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map(row => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return `\n${title}\n\n${[head, ...rows].map(line).join('\n')}\n`
}

/** For the documentation. */
export function asMarkdown({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'))
  return `### ${title}\n\n${[head, rule, ...rows].map(line).join('\n')}\n`
}

function figure(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return NOTHING
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

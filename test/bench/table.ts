/** A table, of which all but the first column are figures. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const NOTHING = '–'

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

/** A figure as it is printed; a dash where there is none. */
export function asFigure(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return NOTHING
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

import { Readable } from 'node:stream'
import { type Options, stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import type { Context } from './context.ts'
import { Problem } from './problems.ts'
import { booleanParameter } from './validate.ts'

/** An export has no more rows. */
export const EXPORT_LIMIT = 10_000

export const EXPORT_FORMATS = ['json', 'csv', 'jsonl'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** What the query of an export has besides the filters of the list. */
export const exportParameters = {
  format: z.enum(EXPORT_FORMATS, `must be one of ${EXPORT_FORMATS.join(', ')}`).default('json'),
  bom: booleanParameter
    .optional()
    .describe('Whether a CSV begins with a byte order mark, by which some spreadsheets know UTF-8'),
}

export interface ExportOptions {
  readonly format: ExportFormat
  readonly bom?: boolean | undefined
}

export const bomOfCsv = {
  check: ({ format, bom }: ExportOptions) => bom !== true || format === 'csv',
  fault: { path: ['bom'], error: 'goes with format=csv' },
}

/** What an export answers, in each of its formats. @param row one of its rows as JSON */
export function exportContent(row: z.ZodType) {
  return { 'application/json': z.array(row), 'application/jsonl': z.string(), 'text/csv': z.string() }
}

/** How rows of a kind become a file. */
export interface ExportedKind<Row> {
  /** The names of the columns of a CSV. */
  readonly columns: readonly string[]
  /** The cells of a row, in the order of the columns. */
  cells(row: Row): readonly unknown[]
}

/** @throws Problem `too_many_rows` @param count counts rows, no further than it is told */
export async function assertExportable(count: (upTo?: number) => Promise<number>): Promise<void> {
  if ((await count(EXPORT_LIMIT + 1)) <= EXPORT_LIMIT) return
  const rows = await count()
  throw new Problem(
    'too_many_rows',
    `${rows} rows match and an export has ${EXPORT_LIMIT} at most. Narrow start_date and end_date and export in parts.`,
    undefined,
    { rows, limit: EXPORT_LIMIT },
  )
}

/**
 * Answers with a file that is sent as its rows are read.
 * @param name of the file, before the time and the extension
 */
export function sendExport<Row>(
  ctx: Pick<Context, 'attachment' | 'set' | 'type' | 'body'>,
  chunks: AsyncIterable<readonly Row[]>,
  kind: ExportedKind<Row>,
  { format, bom = false }: ExportOptions,
  { name, at }: { readonly name: string; readonly at: Date },
): void {
  const writer = writerOf(kind, format, bom)
  async function* parts(): AsyncGenerator<string> {
    yield writer.head
    let first = true
    for await (const rows of chunks) {
      if (rows.length === 0) continue
      yield writer.chunk(rows, first)
      first = false
    }
    yield writer.tail
  }
  ctx.attachment(`${name}-${at.toISOString().replace(/[-:]|\.\d+/g, '')}.${format}`)
  ctx.type = writer.contentType
  ctx.set('Cache-Control', 'no-store')
  ctx.body = Readable.from(parts(), { objectMode: false })
}

interface Writer<Row> {
  readonly contentType: string
  readonly head: string
  readonly tail: string
  /** One chunk of rows; `first` when none came before. */
  chunk(rows: readonly Row[], first: boolean): string
}

function writerOf<Row>(
  { columns, cells }: ExportedKind<Row>,
  format: ExportFormat,
  bom: boolean,
): Writer<Row> {
  if (format === 'csv')
    return {
      contentType: 'text/csv; charset=utf-8',
      head: (bom ? '\uFEFF' : '') + stringify([columns], CSV),
      tail: '',
      chunk: rows =>
        stringify(
          rows.map(row => cells(row).map(cellOf)),
          CSV,
        ),
    }
  if (format === 'jsonl')
    return {
      contentType: 'application/jsonl; charset=utf-8',
      head: '',
      tail: '',
      chunk: rows => rows.map(row => `${JSON.stringify(row)}\n`).join(''),
    }
  return {
    contentType: 'application/json; charset=utf-8',
    head: '[',
    tail: ']\n',
    chunk: (rows, first) =>
      rows.map((row, index) => (first && index === 0 ? '' : ',') + JSON.stringify(row)).join(''),
  }
}

/** RFC 4180 ends a record with CRLF, and quotes what has one half of it. */
const CSV: Options = { record_delimiter: '\r\n', quoted_match: /[\r\n]/, cast: { boolean: String } }

function cellOf(value: unknown): unknown {
  if (typeof value === 'string') return neutralized(value)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

/**
 * What a spreadsheet may take for a formula: the signs that begin one, in their full width too, behind whatever it skips
 * to find them, and the characters that may part a cell in two.
 */
const LIKE_A_FORMULA = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/u

/** An apostrophe has a spreadsheet take the cell for text. */
function neutralized(text: string): string {
  return LIKE_A_FORMULA.test(text) ? `'${text}` : text
}

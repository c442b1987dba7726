import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify/sync'
import { LOG_FIELDS, type PresentedActivity, presentActivity } from './activity.presenter.ts'
import type { ExportFormat } from './activity.schema.ts'
import type { ActivityRow } from './activity.store.ts'

interface Writer {
  readonly contentType: string
  readonly head: string
  readonly tail: string
  /** One chunk of rows; `first` when none came before. */
  chunk(rows: readonly PresentedActivity[], first: boolean): string
}

const WRITERS: Readonly<Record<ExportFormat, Writer>> = {
  json: {
    contentType: 'application/json; charset=utf-8',
    head: '[',
    tail: ']\n',
    chunk: (rows, first) =>
      rows.map((row, index) => (first && index === 0 ? '' : ',') + JSON.stringify(row)).join(''),
  },
  jsonl: {
    contentType: 'application/jsonl; charset=utf-8',
    head: '',
    tail: '',
    chunk: rows => rows.map(row => `${JSON.stringify(row)}\n`).join(''),
  },
  csv: {
    contentType: 'text/csv; charset=utf-8',
    head: stringify([LOG_FIELDS.slice()]),
    tail: '',
    // `escape_formulas` puts an apostrophe before cells that a spreadsheet would take for a formula.
    chunk: rows => stringify(rows.map(csvCells), { escape_formulas: true, cast: { boolean: String } }),
  },
}

function csvCells(row: PresentedActivity): unknown[] {
  return LOG_FIELDS.map(field => (field === 'metadata' ? JSON.stringify(row.metadata) : row[field]))
}

/** The export as a stream, and its content type. */
export function exportStream(
  chunks: AsyncIterable<ActivityRow[]>,
  format: ExportFormat,
): { readonly stream: Readable; readonly contentType: string } {
  const writer = WRITERS[format]
  async function* parts(): AsyncGenerator<string> {
    yield writer.head
    let first = true
    for await (const rows of chunks) {
      if (rows.length === 0) continue
      yield writer.chunk(rows.map(presentActivity), first)
      first = false
    }
    yield writer.tail
  }
  return { stream: Readable.from(parts(), { objectMode: false }), contentType: writer.contentType }
}

/**
 * `sentinel-pass-activity-{passId}-{timestamp}.{format}`; the time as `20300131T000000Z`.
 * @param of the pass's `passId`, or `project`
 */
export function exportFileName(of: string, at: Date, format: ExportFormat): string {
  const timestamp = at.toISOString().replace(/[-:]|\.\d+/g, '')
  return `sentinel-pass-activity-${of}-${timestamp}.${format}`
}

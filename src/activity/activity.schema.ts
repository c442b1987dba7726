import { z } from 'zod'
import { page, wholeNumber } from '../http/pagination.ts'
import { booleanParameter, instant, text } from '../http/validate.ts'
import { ACTIVITY_TYPES } from './kinds.ts'

export const LOG_SORT_FIELDS = [
  'started_at',
  'completed_at',
  'duration_ms',
  'status_code',
  'endpoint',
  'http_method',
  'activity_type',
  'success',
  'client_ip',
] as const
export type LogSortField = (typeof LOG_SORT_FIELDS)[number]

const PER_PAGE = [10, 25, 50, 100]

const agent = { agent_user_id: z.guid('must be a UUID').transform(value => value.toLowerCase()) }

const range = {
  start_date: instant.optional(),
  end_date: instant.optional(),
}

const rangeAndType = {
  ...range,
  activity_type: z.enum(ACTIVITY_TYPES, `must be one of ${ACTIVITY_TYPES.join(', ')}`).optional(),
}

const filters = {
  ...rangeAndType,
  endpoint: text(2000).optional(),
  success: booleanParameter.optional(),
  sort_by: z.enum(LOG_SORT_FIELDS, `must be one of ${LOG_SORT_FIELDS.join(', ')}`).default('started_at'),
  sort_order: z.enum(['asc', 'desc']).default('desc'),
}

const rangeInOrder = {
  check: (query: { start_date?: Date | undefined; end_date?: Date | undefined }) =>
    !query.start_date || !query.end_date || query.start_date < query.end_date,
  fault: { path: ['end_date'], error: 'must lie after start_date' },
}

const log = {
  ...filters,
  page,
  per_page: wholeNumber
    .refine(value => PER_PAGE.includes(value), `must be one of ${PER_PAGE.join(', ')}`)
    .default(25)
    .meta({ type: 'integer', enum: PER_PAGE, pattern: undefined }),
  cursor: z.base64url().max(200).optional(),
}

const cursorAlone = {
  check: (query: { cursor?: string | undefined; page: number; sort_by: LogSortField }) =>
    query.cursor === undefined || (query.page === 1 && query.sort_by === 'started_at'),
  fault: { path: ['cursor'], error: 'goes with sort_by=started_at and without page' },
}

/** The query of a project's log. */
export const projectLogQuery = z
  .strictObject(log)
  .refine(rangeInOrder.check, rangeInOrder.fault)
  .refine(cursorAlone.check, cursorAlone.fault)
export type LogQuery = z.output<typeof projectLogQuery>

/** The query of an agent's log. */
export const logQuery = z
  .strictObject({ ...agent, ...log })
  .refine(rangeInOrder.check, rangeInOrder.fault)
  .refine(cursorAlone.check, cursorAlone.fault)

export const EXPORT_FORMATS = ['json', 'csv', 'jsonl'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

const exported = { ...filters, format: z.enum(EXPORT_FORMATS).default('json') }

/** The query of an export of a project. */
export const projectExportQuery = z.strictObject(exported).refine(rangeInOrder.check, rangeInOrder.fault)
export type ExportQuery = z.output<typeof projectExportQuery>

/** The query of an export of an agent. */
export const exportQuery = z
  .strictObject({ ...agent, ...exported })
  .refine(rangeInOrder.check, rangeInOrder.fault)

export type LogFilter = Omit<ExportQuery, 'format'>

export const GRAINS = ['hour', 'day', 'week'] as const
export type Grain = (typeof GRAINS)[number]

const grouped = { ...rangeAndType, group_by: z.enum(GRAINS).default('day') }

/** The query of a project's metrics. */
export const projectMetricsQuery = z.strictObject(grouped).refine(rangeInOrder.check, rangeInOrder.fault)
export type MetricsQuery = z.output<typeof projectMetricsQuery>

/** The query of an agent's metrics. */
export const metricsQuery = z
  .strictObject({ ...agent, ...grouped })
  .refine(rangeInOrder.check, rangeInOrder.fault)

export const RANKED_BY = ['total_requests', 'error_count', 'avg_latency_ms', 'p95_latency_ms'] as const

/** The query of the passes of a project, ranked by what they did. */
export const rankedPassesQuery = z
  .strictObject({
    ...range,
    sort_by: z.enum(RANKED_BY, `must be one of ${RANKED_BY.join(', ')}`).default('p95_latency_ms'),
    limit: wholeNumber.pipe(z.int().min(1).max(100)).default(10),
  })
  .refine(rangeInOrder.check, rangeInOrder.fault)
export type RankedPassesQuery = z.output<typeof rankedPassesQuery>

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

const agentAndRange = {
  agent_user_id: z.guid('must be a UUID').transform(value => value.toLowerCase()),
  start_date: instant.optional(),
  end_date: instant.optional(),
  activity_type: z.enum(ACTIVITY_TYPES, `must be one of ${ACTIVITY_TYPES.join(', ')}`).optional(),
}

const filters = {
  ...agentAndRange,
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

/** The query of the log. */
export const logQuery = z
  .strictObject({
    ...filters,
    page,
    per_page: wholeNumber
      .refine(value => PER_PAGE.includes(value), `must be one of ${PER_PAGE.join(', ')}`)
      .default(25)
      .meta({ type: 'integer', enum: PER_PAGE, pattern: undefined }),
    cursor: z.base64url().max(200).optional(),
  })
  .refine(rangeInOrder.check, rangeInOrder.fault)
  .refine(query => query.cursor === undefined || (query.page === 1 && query.sort_by === 'started_at'), {
    path: ['cursor'],
    error: 'goes with sort_by=started_at and without page',
  })
export type LogQuery = z.output<typeof logQuery>

export const EXPORT_FORMATS = ['json', 'csv', 'jsonl'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** The query of an export. */
export const exportQuery = z
  .strictObject({ ...filters, format: z.enum(EXPORT_FORMATS).default('json') })
  .refine(rangeInOrder.check, rangeInOrder.fault)
export type ExportQuery = z.output<typeof exportQuery>

export type LogFilter = Omit<ExportQuery, 'format'>

export const GRAINS = ['hour', 'day', 'week'] as const
export type Grain = (typeof GRAINS)[number]

/** The query of the metrics. */
export const metricsQuery = z
  .strictObject({ ...agentAndRange, group_by: z.enum(GRAINS).default('day') })
  .refine(rangeInOrder.check, rangeInOrder.fault)
export type MetricsQuery = z.output<typeof metricsQuery>

import { z } from 'zod'
import { normalAddress } from '../http/allow-lists.ts'
import { bomOfCsv, exportParameters } from '../http/exports.ts'
import { isUuid } from '../http/ids.ts'
import { endInstant, instant } from '../http/instants.ts'
import { cursorByTime, type Position, page, pagesInReach, wholeNumber } from '../http/pagination.ts'
import { booleanParameter, text } from '../http/validate.ts'
import { ACTIVITY_TYPES } from '../record/kinds.ts'

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

const agent = {
  agent_user_id: z
    .guid('must be a UUID')
    .transform(value => value.toLowerCase())
    .optional()
    .describe('The agent; needed where `pass_id` does not say whose activity it is'),
}

const agentNamed = {
  check: (query: { agent_user_id?: string | undefined; pass_id?: string | undefined }) =>
    query.agent_user_id !== undefined || query.pass_id !== undefined,
  // Told beside the faults of the others.
  fault: { path: ['agent_user_id'], error: 'is needed, or pass_id', when: () => true },
}

const ofPass = {
  pass_id: text(100)
    .transform(value => (isUuid(value) ? value.toLowerCase() : value))
    .optional()
    .describe('The pass, live or deleted: its UUID or its `passId`'),
}

const range = {
  start_date: instant.optional(),
  end_date: endInstant.optional(),
}

const rangeAndType = {
  ...range,
  ...ofPass,
  activity_type: z.enum(ACTIVITY_TYPES, `must be one of ${ACTIVITY_TYPES.join(', ')}`).optional(),
}

/** Statuses from the first to the last, both included. */
export interface StatusRange {
  readonly from: number
  readonly to: number
}

const statusCodes = text(200)
  .transform((value, context): StatusRange[] => {
    const parts = value.split(',')
    if (parts.every(part => /^[1-5](?:\d\d|xx)$/i.test(part)))
      return parts.map(part => ({
        from: Number(part.replace(/x/gi, '0')),
        to: Number(part.replace(/x/gi, '9')),
      }))
    context.issues.push({
      code: 'custom',
      message: 'must be statuses such as 404, or classes of them such as 4xx, divided by commas',
      input: value,
    })
    return z.NEVER
  })
  .describe('Statuses such as 404, or classes of them such as 4xx, divided by commas')

const filters = {
  ...rangeAndType,
  endpoint: text(2000).optional(),
  status_code: statusCodes.optional(),
  http_method: text(100)
    .transform(value => value.toUpperCase().split(','))
    .optional()
    .describe('Methods, divided by commas'),
  client_ip: z
    .union([z.ipv4(), z.ipv6()], { error: 'must be an IP address' })
    .transform(normalAddress)
    .optional()
    .describe('The address that the calls came from, in any spelling'),
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
  cursor: cursorByTime,
}

const cursorByStart = {
  check: (query: { cursor?: Position | undefined; sort_by: LogSortField }) =>
    query.cursor === undefined || query.sort_by === 'started_at',
  fault: { path: ['cursor'], error: 'goes with sort_by=started_at alone' },
}

/** The query of a project's log. */
export const projectLogQuery = z
  .strictObject(log)
  .refine(rangeInOrder.check, rangeInOrder.fault)
  .refine(cursorByStart.check, cursorByStart.fault)
  .superRefine(pagesInReach)
export type LogQuery = z.output<typeof projectLogQuery>

/** The query of an agent's log. */
export const logQuery = z
  .strictObject({ ...agent, ...log })
  .refine(agentNamed.check, agentNamed.fault)
  .refine(rangeInOrder.check, rangeInOrder.fault)
  .refine(cursorByStart.check, cursorByStart.fault)
  .superRefine(pagesInReach)

const exported = { ...filters, ...exportParameters }

/** The query of an export of a project. */
export const projectExportQuery = z
  .strictObject(exported)
  .refine(rangeInOrder.check, rangeInOrder.fault)
  .refine(bomOfCsv.check, bomOfCsv.fault)
export type ExportQuery = z.output<typeof projectExportQuery>

/** The query of an export of an agent. */
export const exportQuery = z
  .strictObject({ ...agent, ...exported })
  .refine(agentNamed.check, agentNamed.fault)
  .refine(rangeInOrder.check, rangeInOrder.fault)
  .refine(bomOfCsv.check, bomOfCsv.fault)

/** What names whose activity it is. */
export type AgentNames = Pick<z.output<typeof exportQuery>, 'agent_user_id' | 'pass_id'>

export type LogFilter = Omit<ExportQuery, 'format' | 'bom' | 'pass_id'>

export const GRAINS = ['hour', 'day', 'week'] as const
export type Grain = (typeof GRAINS)[number]

const grouped = { ...rangeAndType, group_by: z.enum(GRAINS).default('day') }

/** The query of a project's metrics. */
export const projectMetricsQuery = z.strictObject(grouped).refine(rangeInOrder.check, rangeInOrder.fault)
export type MetricsQuery = z.output<typeof projectMetricsQuery>

/** The query of an agent's metrics. */
export const metricsQuery = z
  .strictObject({ ...agent, ...grouped })
  .refine(agentNamed.check, agentNamed.fault)
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

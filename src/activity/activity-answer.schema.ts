import { z } from 'zod'
import { timestamp, uuid } from '../http/operation.ts'
import { ACTIVITY_TYPES } from '../record/kinds.ts'
import { GRAINS, RANKED_BY } from './activity.schema.ts'

/** A row of the log as it is answered and exported. */
export const activityRow = z
  .object({
    id: uuid,
    agent_user_id: uuid,
    activity_type: z.enum(ACTIVITY_TYPES),
    endpoint: z.string(),
    http_method: z.string().nullable().meta({ description: 'null where a resource server did not tell' }),
    status_code: z.int(),
    success: z.boolean(),
    client_ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    started_at: timestamp,
    completed_at: timestamp,
    duration_ms: z.int(),
    error_message: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Activity' })

/** A page of the log. */
export const activityLog = z.object({
  logs: z.array(activityRow),
  page: z.int(),
  per_page: z.int(),
  total: z.int().meta({ description: 'Exact up to 10,000' }),
  total_capped: z.literal(true).optional().meta({ description: 'There are more than `total`' }),
  total_pages: z.int(),
  next_cursor: z.string().nullable().meta({ description: 'Goes on after this page; null on the last one' }),
})

const range = {
  start_date: timestamp.meta({
    description:
      'The first instant of the figures: the hour that was cut is whole where its rows are no longer kept',
  }),
  end_date: timestamp.meta({ description: 'The instant that the figures end before, in the same way' }),
}

const figures = {
  total_requests: z.int(),
  success_count: z.int(),
  error_count: z.int(),
  avg_latency_ms: z.number(),
  p95_latency_ms: z.number(),
  unique_endpoints: z.int(),
}

/** The metrics of a range, by period and as a whole. */
export const activityMetrics = z.object({
  data: z.array(z.object({ period_start: timestamp, ...figures })),
  ...range,
  group_by: z.enum(GRAINS),
  summary: z.object(figures),
})

/** The passes of a project that did something in a range, ranked by one of their figures. */
export const rankedPasses = z.object({
  passes: z.array(
    z.object({
      id: uuid,
      agent_user_id: uuid,
      pass_id: z.string(),
      title: z.string(),
      deleted: z.boolean(),
      ...figures,
    }),
  ),
  ...range,
  sort_by: z.enum(RANKED_BY),
})

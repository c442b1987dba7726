import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { activityLog, activityMetrics, activityRow } from '../../activity/activity-answer.schema.ts'
import type { ActivityType } from '../../record/kinds.ts'
import { type ExportFormat, read, readFile, type SavedFile } from './client.ts'
import { type Place, projectPath } from './place.ts'

export type ActivityRow = z.output<typeof activityRow>
export type ActivityLog = z.output<typeof activityLog>
export type ActivityMetrics = z.output<typeof activityMetrics>
export type Figures = ActivityMetrics['summary']

/** Whose activity: one agent's, or that of a project as a whole. */
export type Subject = { readonly agentUserId: string } | { readonly project: Place }

/** The filters of the log, as the API has them. */
export interface LogFilter {
  readonly activity_type?: ActivityType | undefined
  readonly success?: boolean | undefined
  readonly endpoint?: string | undefined
  readonly status_code?: string | undefined
  readonly http_method?: string | undefined
  readonly client_ip?: string | undefined
  /** UUID or `passId`. */
  readonly pass_id?: string | undefined
  readonly start_date?: string | undefined
  readonly end_date?: string | undefined
}

export interface LogPage extends LogFilter {
  readonly page: number
  readonly per_page: 10 | 25 | 50 | 100
}

/** A range of the metrics: whole periods, the last of which is the one that is now. */
export interface MetricsRange {
  readonly periods: number
  readonly groupBy: 'hour' | 'day'
}

const PERIOD_MS = { hour: 3_600_000, day: 86_400_000 } as const

/** Everything of a subject's activity in the cache. */
export function activityKey(subject: Subject) {
  return ['activity', 'agentUserId' in subject ? subject.agentUserId : subject.project.projectId] as const
}

export const logQuery = (subject: Subject, page: LogPage) =>
  queryOptions({
    queryKey: [...activityKey(subject), 'log', page],
    queryFn: ({ signal }) =>
      read<ActivityLog>(pathOf(subject, 'logs'), { query: { ...ofSubject(subject), ...page }, signal }),
  })

export const metricsQuery = (subject: Subject, range: MetricsRange) =>
  queryOptions({
    queryKey: [...activityKey(subject), 'metrics', range],
    queryFn: ({ signal }) =>
      read<ActivityMetrics>(pathOf(subject, 'metrics'), {
        query: { ...ofSubject(subject), ...rangeQuery(range), group_by: range.groupBy },
        signal,
      }),
  })

/** A range as the API takes it, up to now. */
export function rangeQuery({ periods, groupBy }: MetricsRange) {
  const end = Date.now()
  const period = PERIOD_MS[groupBy]
  // Periods are those of UTC, as the server counts them.
  const start = (Math.floor(end / period) - periods + 1) * period
  return { start_date: new Date(start).toISOString(), end_date: new Date(end).toISOString() }
}

/** The file of an export. @throws ApiProblem `too_many_rows` */
export function exportActivity(
  subject: Subject,
  filter: LogFilter,
  format: ExportFormat,
): Promise<SavedFile> {
  return readFile(pathOf(subject, 'export'), { ...ofSubject(subject), ...filter, format })
}

function pathOf(subject: Subject, what: 'logs' | 'metrics' | 'export'): string {
  return 'agentUserId' in subject
    ? `oauth/agent/activity/${what}`
    : `${projectPath(subject.project)}/activity/${what}`
}

function ofSubject(subject: Subject) {
  return 'agentUserId' in subject ? { agent_user_id: subject.agentUserId } : {}
}

import type { z } from 'zod'
import type { ExportedKind } from '../http/exports.ts'
import type { ActivityRow } from './activity.store.ts'
import type { activityRow } from './activity-answer.schema.ts'

/** The members of a row that leave the server, in the order of an export's columns. */
const LOG_FIELDS = [
  'id',
  'agent_user_id',
  'activity_type',
  'endpoint',
  'http_method',
  'status_code',
  'success',
  'client_ip',
  'user_agent',
  'started_at',
  'completed_at',
  'duration_ms',
  'error_message',
  'metadata',
] as const satisfies readonly (keyof ActivityRow)[]

export type PresentedActivity = Readonly<z.output<typeof activityRow>>

/** A row of the log as it is answered and exported. */
export function presentActivity(row: ActivityRow): PresentedActivity {
  return {
    id: row.id,
    agent_user_id: row.agent_user_id,
    activity_type: row.activity_type,
    endpoint: row.endpoint,
    http_method: row.http_method,
    status_code: row.status_code,
    success: row.success,
    client_ip: row.client_ip,
    user_agent: row.user_agent,
    started_at: row.started_at.toISOString(),
    completed_at: row.completed_at.toISOString(),
    duration_ms: row.duration_ms,
    error_message: row.error_message,
    metadata: row.metadata,
  }
}

/** The rows of the log as a file. */
export const ACTIVITY_EXPORT: ExportedKind<PresentedActivity> = {
  columns: LOG_FIELDS,
  cells: row => LOG_FIELDS.map(field => row[field]),
}

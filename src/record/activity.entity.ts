import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { ActivityType } from './kinds.ts'

/**
 * One immutable row for each token grant and protected API call.
 *
 * The table is partitioned by week (`partitions.ts`). The entity does not say so: MikroORM 7.2's snapshot does not
 * keep it, so every new migration would rebuild the table; the first migration says it by hand.
 */
export const ActivityEntity = defineEntity({
  name: 'Activity',
  tableName: 'activity',
  primaryKeys: ['agentUserId', 'startedAt', 'id'],
  indexes: [
    {
      // What went wrong is looked for most, and is little among much: who asks for it reads nothing else.
      name: 'activity_failures_index',
      expression: `create index activity_failures_index on activity (agent_user_id, started_at, id) where status_code >= 400`,
    },
    // For the rows behind a node's mark, which ended lately: a few pages for a week of rows.
    {
      name: 'activity_completed_at_index',
      expression: 'create index "activity_completed_at_index" on "activity" using brin ("completed_at")',
    },
  ],
  properties: {
    agentUserId: p.uuid().primary(),
    startedAt: p.datetime(3).primary(),
    id: p.uuid().primary(),
    projectId: p.uuid().nullable(),
    activityType: p.text().$type<ActivityType>(),
    endpoint: p.text(),
    /** null: a resource server told of the call and not of its method. */
    httpMethod: p.text().nullable(),
    statusCode: p.smallint(),
    success: p.boolean(),
    clientIp: p.text().nullable(),
    userAgent: p.text().nullable(),
    completedAt: p.datetime(3),
    durationMs: p.integer(),
    errorMessage: p.text().nullable(),
    metadata: p.json<Record<string, unknown>>(),
    /** Of a row that granted a token: what decides, with the pass, how long it lives. */
    tokenEpoch: p.integer().nullable(),
    tokenExpiresAt: p.datetime(3).nullable(),
    /** Which node wrote it in which of its batches: how far sums are is said by the node's mark. */
    node: p.smallint().nullable(),
    batch: p.bigint('number').nullable(),
  },
})

export type Activity = InferEntity<typeof ActivityEntity>

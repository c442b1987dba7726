import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { ActivityType } from './kinds.ts'

/** One immutable row for each token grant and protected API call; partitioned by week (`activity/partitions.ts`). */
export const ActivityEntity = defineEntity({
  name: 'Activity',
  tableName: 'activity',
  primaryKeys: ['agentUserId', 'startedAt', 'id'],
  partitionBy: {
    type: 'range',
    expression: 'startedAt',
    partitions: [{ name: 'activity_default', values: 'default' }],
  },
  properties: {
    agentUserId: p.uuid().primary(),
    startedAt: p.datetime(3).primary(),
    id: p.uuid().primary(),
    projectId: p.uuid().nullable(),
    activityType: p.text().$type<ActivityType>(),
    endpoint: p.text(),
    httpMethod: p.text(),
    statusCode: p.smallint(),
    success: p.boolean(),
    clientIp: p.text().nullable(),
    userAgent: p.text().nullable(),
    completedAt: p.datetime(3),
    durationMs: p.integer(),
    errorMessage: p.text().nullable(),
    metadata: p.json<Record<string, unknown>>(),
  },
})

export type Activity = InferEntity<typeof ActivityEntity>

import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { ActivityType } from './kinds.ts'

/** What the metrics are read from: one row an agent, hour, node and type; outlives the rows it sums. */
export const ActivityRollupEntity = defineEntity({
  name: 'ActivityRollup',
  tableName: 'activity_rollups',
  primaryKeys: ['agentUserId', 'hour', 'node', 'activityType'],
  properties: {
    agentUserId: p.uuid().primary(),
    hour: p.datetime(0).primary(),
    node: p.smallint().primary(),
    activityType: p.text().$type<ActivityType>().primary(),
    requests: p.bigint('number'),
    successes: p.bigint('number'),
    durationMs: p.bigint('number'),
    /** Requests by latency bucket (`latency-buckets.ts`): the index is the bucket, from the lowest one used. */
    latency: p.array(Number).columnType('int4[]'),
  },
})

export type ActivityRollup = InferEntity<typeof ActivityRollupEntity>

/** Distinct endpoints of an agent in an hour or a day: hashes, as many as the sketch needs (`endpoint-sketch.ts`). */
export const ActivityEndpointEntity = defineEntity({
  name: 'ActivityEndpoint',
  tableName: 'activity_endpoints',
  primaryKeys: ['agentUserId', 'grain', 'periodStart', 'activityType', 'hash'],
  properties: {
    agentUserId: p.uuid().primary(),
    grain: p.text().$type<'hour' | 'day'>().primary(),
    periodStart: p.datetime(0).primary(),
    activityType: p.text().$type<ActivityType>().primary(),
    hash: p.bigint('bigint').primary(),
  },
})

export type ActivityEndpoint = InferEntity<typeof ActivityEndpointEntity>

import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { rankedPasses } from '../../activity/activity-answer.schema.ts'
import { activityKey, type MetricsRange, rangeQuery } from './activity.ts'
import { read } from './client.ts'
import { type Place, projectPath } from './place.ts'

type Answer = z.output<typeof rankedPasses>
export type RankedPass = Answer['passes'][number]
export type RankedBy = Answer['sort_by']

const SHOWN = 5

/** The passes of a project that have the most of a figure. */
export const rankedPassesQuery = (place: Place, range: MetricsRange, by: RankedBy) =>
  queryOptions({
    queryKey: [...activityKey({ project: place }), 'passes', range, by],
    queryFn: async ({ signal }) => {
      const query = { ...rangeQuery(range), sort_by: by, limit: SHOWN }
      return (await read<Answer>(`${projectPath(place)}/activity/passes`, { query, signal })).passes
    },
  })

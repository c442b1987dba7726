import type { RankedPassesQuery } from './activity.schema.ts'
import type { KnownPass } from './activity.store.ts'
import type { Figures } from './figures.ts'

/** A pass with its figures, as it is answered. */
export interface RankedPass extends Figures {
  readonly id: string
  readonly agent_user_id: string
  readonly pass_id: string
  readonly title: string
  readonly deleted: boolean
}

/** The passes that have figures, the highest first; those that are level by their id, so that the order holds. */
export function rankPasses(
  passes: readonly KnownPass[],
  figures: ReadonlyMap<string, Figures>,
  { sort_by: by, limit }: Pick<RankedPassesQuery, 'sort_by' | 'limit'>,
): RankedPass[] {
  return passes
    .flatMap(({ id, agentUserId, passId, title, deleted }) => {
      const own = figures.get(agentUserId)
      return own ? [{ id, agent_user_id: agentUserId, pass_id: passId, title, deleted, ...own }] : []
    })
    .sort((a, b) => b[by] - a[by] || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
}

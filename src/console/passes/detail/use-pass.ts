import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type PassResource, passesChanged, passQuery } from '../../api/passes.ts'
import type { Place } from '../../api/place.ts'
import { usePlace } from '../../layout/where.ts'

/** The pass of the address, as it was read last. */
export interface ShownPass {
  readonly place: Place
  readonly pass: PassResource
  readonly etag: string
  /** Makes a change, then has everything that shows passes of the project read them again. */
  readonly change: <Result>(act: () => Promise<Result>) => Promise<Result>
}

export function usePass(): ShownPass {
  const place = usePlace()
  const { passId = '' } = useParams({ strict: false })
  const { data } = useSuspenseQuery(passQuery(place, passId))
  const client = useQueryClient()
  return {
    place,
    ...data,
    change: async act => {
      const result = await act()
      await passesChanged(client, place)
      return result
    },
  }
}

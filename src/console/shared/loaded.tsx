import { Skeleton, Stack } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './failure.tsx'

/** What a query brings, with its place held until it comes. @param height of what comes, in pixels */
export function Loaded<Data>({ query, height, children }: LoadedProps<Data>) {
  const { data, error } = query
  return (
    <Stack>
      {error && <Failure error={error} onRetry={() => void query.refetch()} />}
      {data === undefined
        ? !error && <Skeleton h={height} radius="md" role="status" aria-label="Loading" />
        : children(data)}
    </Stack>
  )
}

interface LoadedProps<Data> {
  readonly query: UseQueryResult<Data>
  readonly height: number
  readonly children: (data: Data) => ReactNode
}

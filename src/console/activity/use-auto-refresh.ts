import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { asError } from '../shared/failure.tsx'

const INTERVAL_MS = 30_000
const FAILURES_TO_STOP = 3

/** What a page that keeps itself current shows of that, and can be told. */
export interface AutoRefresh {
  readonly on: boolean
  /** What turned it off, where no person did. */
  readonly failure: Error | undefined
  readonly refreshing: boolean
  /** Milliseconds since the epoch; 0: not yet. */
  readonly refreshedAt: number
  readonly setOn: (on: boolean) => void
  readonly refreshNow: () => void
}

/**
 * Reads everything on the page below these keys again, every 30 s while the tab can be seen. A reading that fails is
 * tried once more after 5 s by the query itself; after three failures in a row it stops until it is turned on again.
 * @param keys the same array at each rendering
 */
export function useAutoRefresh(keys: readonly QueryKey[]): AutoRefresh {
  const client = useQueryClient()
  const [on, setOnState] = useState(true)
  const [failures, setFailures] = useState<readonly Error[]>([])
  const [refreshing, setRefreshing] = useState(false)
  const busy = useRef(false)

  const cache = client.getQueryCache()
  const refreshedAt = useSyncExternalStore(cache.subscribe, () =>
    Math.max(
      0,
      ...keys.flatMap(queryKey =>
        cache.findAll({ queryKey, type: 'active' }).map(query => query.state.dataUpdatedAt),
      ),
    ),
  )

  const refresh = useCallback(async () => {
    if (busy.current) return
    busy.current = true
    setRefreshing(true)
    try {
      const reading = keys.map(queryKey =>
        client.refetchQueries({ queryKey, type: 'active' }, { throwOnError: true }),
      )
      await Promise.all(reading)
      setFailures([])
    } catch (error) {
      setFailures(before => [...before, asError(error)])
    } finally {
      busy.current = false
      setRefreshing(false)
    }
  }, [client, keys])

  const failure = failures.length >= FAILURES_TO_STOP ? failures.at(-1) : undefined
  const running = on && !failure
  useEffect(() => {
    if (!running) return
    let last = Date.now()
    const refreshIfSeen = () => {
      if (document.visibilityState !== 'visible') return
      last = Date.now()
      void refresh()
    }
    // Whoever comes back to the tab is not left waiting for the next turn.
    const comeBack = () => {
      if (Date.now() - last >= INTERVAL_MS) refreshIfSeen()
    }
    const timer = setInterval(refreshIfSeen, INTERVAL_MS)
    document.addEventListener('visibilitychange', comeBack)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', comeBack)
    }
  }, [running, refresh])

  return {
    on: running,
    failure,
    refreshing,
    refreshedAt,
    setOn: next => {
      setOnState(next)
      setFailures([])
      if (next) void refresh()
    },
    refreshNow: () => void refresh(),
  }
}

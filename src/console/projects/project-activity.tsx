import { Group, Skeleton, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { ActivityTable } from '../activity/activity-table.tsx'
import { Figure, FigureGrid, formatMs, formatNumber, OutcomeFigures } from '../activity/figures.tsx'
import { CHART_HEIGHT, MetricsChart } from '../activity/metrics-chart.tsx'
import { RangeControl } from '../activity/range-control.tsx'
import { DEFAULT_RANGE, RANGES } from '../activity/ranges.ts'
import { RefreshBar } from '../activity/refresh-bar.tsx'
import { useAutoRefresh } from '../activity/use-auto-refresh.ts'
import { activityKey, type Figures, metricsQuery } from '../api/activity.ts'
import { passesKey, passListQuery } from '../api/passes.ts'
import type { Place } from '../api/place.ts'
import { Failure } from '../shared/failure.tsx'
import { LinkText } from '../shared/links.tsx'
import { RankedPasses } from './ranked-passes.tsx'

/** The figures of a project, its passes that stand out, and what its agents did. */
export function ProjectActivity({ place, deleted = false }: ProjectActivityProps) {
  const { orgId, projectId } = place
  const subject = useMemo(() => ({ project: { orgId, projectId } }), [orgId, projectId])
  const keys = useMemo(() => [activityKey(subject), passesKey(place)], [subject, place])
  const refresh = useAutoRefresh(keys)
  const { range = DEFAULT_RANGE } = useSearch({ strict: false })
  const agentOf = useAgents(place, !deleted)
  const metrics = useQuery({ ...metricsQuery(subject, RANGES[range]), placeholderData: keepPreviousData })
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start">
        <RangeControl />
        <RefreshBar refresh={refresh} />
      </Group>
      {metrics.isError && <Failure error={metrics.error} onRetry={refresh.refreshNow} />}
      <Totals figures={metrics.data?.summary} />
      {metrics.data ? <MetricsChart metrics={metrics.data} /> : <Skeleton height={CHART_HEIGHT} />}
      <RankedPasses place={place} range={range} />
      <ActivityTable subject={subject} agentOf={agentOf} />
    </Stack>
  )
}

/** The passes that agents used last, by the ids that the log knows them by; those of deleted ones stay ids. */
function useAgents(place: Place, enabled: boolean): (agentUserId: string) => ReactNode {
  const lastUsed = { sort_by: 'lastUsedAt', sort_order: 'desc', per_page: 100 } as const
  const recent = useQuery({ ...passListQuery(place, lastUsed), enabled })
  const passes = useMemo(
    () => new Map(recent.data?.data.map(pass => [pass.attributes.agentUserId, pass])),
    [recent.data],
  )
  return agentUserId => {
    const pass = passes.get(agentUserId)
    return pass ? (
      <LinkText
        to="/organizations/$orgId/projects/$projectId/passes/$passId"
        params={{ ...place, passId: pass.id }}
        size="sm"
      >
        {pass.attributes.title}
      </LinkText>
    ) : (
      <Text span size="sm" ff="monospace">
        {agentUserId}
      </Text>
    )
  }
}

function Totals({ figures }: { readonly figures: Figures | undefined }) {
  return (
    <FigureGrid cols={4}>
      <OutcomeFigures figures={figures} />
      <Figure label="Errors" color={figures && figures.error_count > 0 ? 'red' : undefined}>
        {figures && formatNumber(figures.error_count)}
      </Figure>
      <Figure label="P95 latency">
        {figures && (figures.total_requests === 0 ? '–' : formatMs(figures.p95_latency_ms))}
      </Figure>
    </FigureGrid>
  )
}

interface ProjectActivityProps {
  readonly place: Place
  /** Whether the project is gone, and its passes with it. */
  readonly deleted?: boolean
}

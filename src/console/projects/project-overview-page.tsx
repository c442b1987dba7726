import { Group, Skeleton, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ActivityTable } from '../activity/activity-table.tsx'
import { Figure, FigureGrid, formatMs, formatNumber, OutcomeFigures } from '../activity/figures.tsx'
import { CHART_HEIGHT, MetricsChart } from '../activity/metrics-chart.tsx'
import { RangeControl } from '../activity/range-control.tsx'
import { DEFAULT_RANGE, RANGES } from '../activity/ranges.ts'
import { RefreshBar } from '../activity/refresh-bar.tsx'
import { useAutoRefresh } from '../activity/use-auto-refresh.ts'
import { activityKey, type Figures, metricsQuery } from '../api/activity.ts'
import { projectsQuery } from '../api/organizations.ts'
import { passListQuery } from '../api/passes.ts'
import type { Place } from '../api/place.ts'
import { NotFound } from '../layout/page-states.tsx'
import { usePlace } from '../layout/where.ts'
import { FirstPass } from '../passes/first-pass.tsx'
import { Failure } from '../shared/failure.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Page } from '../shared/page.tsx'
import { RankedPasses } from './ranked-passes.tsx'

/** How a project does: its figures, its passes that stand out, and what its agents did. */
export function ProjectOverviewPage() {
  const place = usePlace()
  const projects = useQuery(projectsQuery(place.orgId))
  const passes = useQuery(passListQuery(place, { per_page: 1 }))
  const project = projects.data?.find(({ id }) => id === place.projectId)
  if (projects.data && !project) return <NotFound />
  return (
    <Page title="Overview" lead={project?.attributes.name ?? '…'}>
      <Loaded query={passes} height={640}>
        {({ meta }) => (meta.total === 0 ? <FirstPass /> : <Activity place={place} />)}
      </Loaded>
    </Page>
  )
}

function Activity({ place }: { readonly place: Place }) {
  const { orgId, projectId } = place
  const subject = useMemo(() => ({ project: { orgId, projectId } }), [orgId, projectId])
  const keys = useMemo(() => [activityKey(subject)], [subject])
  const refresh = useAutoRefresh(keys)
  const { range = DEFAULT_RANGE } = useSearch({ strict: false })
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
      <ActivityTable subject={subject} />
    </Stack>
  )
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

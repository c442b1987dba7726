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
import { activityKey, type Figures, logQuery, metricsQuery } from '../api/activity.ts'
import { projectsQuery } from '../api/organizations.ts'
import { passesKey, passListQuery } from '../api/passes.ts'
import type { Place } from '../api/place.ts'
import { NotFound } from '../layout/page-states.tsx'
import { usePlace } from '../layout/where.ts'
import { FirstPass } from '../passes/first-pass.tsx'
import { Failure } from '../shared/failure.tsx'
import { LinkText } from '../shared/links.tsx'
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
      {projects.isError && <Failure error={projects.error} onRetry={() => void projects.refetch()} />}
      <Loaded query={passes} height={640}>
        {({ meta }) =>
          meta.total === 0 ? (
            <WithoutPass key={place.projectId} place={place} />
          ) : (
            <Activity key={place.projectId} place={place} />
          )
        }
      </Loaded>
    </Page>
  )
}

/** A project that has no pass may have had some: what their agents did is not hidden. */
function WithoutPass({ place }: { readonly place: Place }) {
  const log = useQuery(logQuery({ project: place }, { page: 1, per_page: 10 }))
  return (
    <Stack gap="lg">
      <FirstPass />
      {log.isError && <Failure error={log.error} onRetry={() => void log.refetch()} />}
      {log.data && log.data.total > 0 && <Activity place={place} />}
    </Stack>
  )
}

function Activity({ place }: { readonly place: Place }) {
  const { orgId, projectId } = place
  const subject = useMemo(() => ({ project: { orgId, projectId } }), [orgId, projectId])
  const keys = useMemo(() => [activityKey(subject), passesKey(place)], [subject, place])
  const refresh = useAutoRefresh(keys)
  const { range = DEFAULT_RANGE } = useSearch({ strict: false })
  const agentOf = useAgents(place)
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
function useAgents(place: Place): (agentUserId: string) => ReactNode {
  const recent = useQuery(passListQuery(place, { sort_by: 'lastUsedAt', sort_order: 'desc', per_page: 100 }))
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

import { Group, Skeleton, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ActivityTable } from '../../activity/activity-table.tsx'
import { FigureGrid, OutcomeFigures, PerformanceFigures } from '../../activity/figures.tsx'
import { CHART_HEIGHT, MetricsChart } from '../../activity/metrics-chart.tsx'
import { RangeControl } from '../../activity/range-control.tsx'
import { DEFAULT_RANGE, RANGES } from '../../activity/ranges.ts'
import { RefreshBar } from '../../activity/refresh-bar.tsx'
import { useAutoRefresh } from '../../activity/use-auto-refresh.ts'
import { activityKey, metricsQuery } from '../../api/activity.ts'
import { Failure } from '../../shared/failure.tsx'
import { usePass } from './use-pass.ts'

/** What the agent of the pass did: over time, in figures, and row by row. */
export function UsageTab() {
  const { agentUserId } = usePass().pass.attributes
  const subject = useMemo(() => ({ agentUserId }), [agentUserId])
  const refresh = useAutoRefresh(useMemo(() => [activityKey(subject)], [subject]))
  const { range = DEFAULT_RANGE } = useSearch({ strict: false })
  const metrics = useQuery({ ...metricsQuery(subject, RANGES[range]), placeholderData: keepPreviousData })
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <RangeControl />
        <RefreshBar refresh={refresh} />
      </Group>
      {metrics.isError && <Failure error={metrics.error} onRetry={refresh.refreshNow} />}
      <FigureGrid cols={3}>
        <OutcomeFigures figures={metrics.data?.summary} />
        <PerformanceFigures figures={metrics.data?.summary} />
      </FigureGrid>
      {metrics.data ? <MetricsChart metrics={metrics.data} /> : <Skeleton height={CHART_HEIGHT} />}
      <ActivityTable subject={subject} />
    </Stack>
  )
}
